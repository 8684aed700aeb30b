import Conformity
import DatabaseFile
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import Recording
import Storage

/// Holds what does not follow from the readings against the journal: revisions that others replaced, people's steps, the
/// configurations that were in force.
struct History {
    private let facts: JournalFacts
    private let words: RecordWords

    init(_ facts: JournalFacts, _ words: RecordWords) {
        self.facts = facts
        self.words = words
    }

    func check(_ store: PlantStore, part: Window?, _ report: inout CheckReport) throws {
        for line in facts.misdated {
            report.differs("journal line \(line): it is filed under another time than it says")
        }
        try store.show { try revisions($0, part, &report) }
        try store.show { try nonconformities($0, &report) }
        try store.show { try configurations($0, &report) }
    }

    // MARK: Revisions

    /// Each revision but the first is a line of the journal, with the value before it.
    private func revisions(_ reader: StoreReader, _ part: Window?, _ report: inout CheckReport) throws {
        let all = try reader.includingRemoved()
        var lines: [String: JournalFacts.Revision] = [:]
        var renamed: [Int: [Renaming]] = [:]
        for line in facts.revisions {
            if renamed[line.version] == nil {
                renamed[line.version] = try reader.renamings(after: line.version).filter { $0.kind == .indicator }
            }
            let name = renamed[line.version, default: []].reduce(line.indicator) { $1.old == $0 ? $1.new : $0 }
            lines["\(name) \(line.start) \(line.end) \(line.revision)"] = line
        }
        for (index, indicator) in all.names.indicators.enumerated() {
            var last: IndicatorValue?
            try all.values(index, in: part, allRevisions: true) { value in
                defer { last = value }
                let before = last?.window == value.window ? last : nil
                let what =
                    "revision \(value.revision) of \(indicator.name) from \(value.window.start.text) to "
                    + "\(value.window.end.text)"
                guard let before else {
                    if value.revision != 1 { report.differs("\(what): the ones before it are gone") }
                    return
                }
                report.revisions += 1
                let key = "\(indicator.name) \(value.window.start.text) \(value.window.end.text) \(value.revision)"
                guard let line = lines[key] else {
                    return report.differs("\(what): no line of the journal explains it")
                }
                if line.after != JournalFacts.Revision.Value(value) {
                    report.differs("\(what): stored \(Self.text(value)), the journal has another")
                }
                if line.before != JournalFacts.Revision.Value(before) {
                    report.differs("\(what): before it stood \(Self.text(before)), the journal has another")
                }
                if try all.reason(index, value.window, revision: value.revision) != line.reason {
                    report.differs("\(what): its reason is not the one in the journal")
                }
            }
        }
    }

    private static func text(_ value: IndicatorValue) -> String {
        "\(value.value.map { CanonicalJSON.text(of: $0) } ?? "no value") \(value.status.text)"
    }

    // MARK: Nonconformities

    /// What people did, and what was known at the raising, are lines of the journal.
    private func nonconformities(_ reader: StoreReader, _ report: inout CheckReport) throws {
        for (id, faults) in try reader.damagedEvidence() {
            for fault in faults { report.differs("\(id): \(fault)") }
        }
        let kept = try KeptComparison(reader)
        for found in try reader.nonconformities() {
            if let fault = try kept.fault(found, reader) { report.differs("\(found.id): \(fault)") }
            let lines = facts.steps[found.id] ?? []
            let life = LifeComparison(found, lines)
            if let fault = life.opening {
                report.differs("\(found.id): \(fault)")
                if !life.isOpened { continue }
            }
            if try !reader.hasEvidenceSeal(found) {
                report.differs("\(found.id): the digests of its evidence are gone, or cannot be read")
            }
            try texts(found, reader, &report)
            for fault in try life.faults(in: reader.steps(of: found.id)) { report.differs("\(found.id)\(fault)") }
        }
        for (id, lines) in facts.steps where lines.contains(where: { $0.type == "nc.opened" }) {
            if try reader.nonconformity(id) == nil { report.differs("\(id): the journal opened it, it is not stored") }
        }
    }

    /// Nothing stands in the stored texts but what is read from them.
    private func texts(_ found: Nonconformity, _ reader: StoreReader, _ report: inout CheckReport) throws {
        let stored = try reader.storedTexts(of: found.id)
        // A word that means nothing is read as one that means something.
        for (what, text, word) in [
            ("severity", stored.severity, found.severity.rawValue),
            ("condition", stored.condition, found.condition.rawValue),
        ] where text != word {
            report.differs("\(found.id): its \(what) is stored as '\(text)', which is none")
        }
        var pairs: [(String, String?, Data)] = [("points", stored.points, try JSONEncoder().encode(found.points))]
        if let frozen = found.frozen {
            pairs.append(("frozen evidence", stored.frozen, try JSONEncoder().encode(frozen)))
        }
        if !found.laterDemands.isEmpty {
            pairs.append(("later demands", stored.later, try JSONEncoder().encode(found.laterDemands)))
        }
        for (place, text) in stored.steps.enumerated() {
            guard let step = try? JSONDecoder().decode(LifecycleStep.self, from: Data(text.utf8)) else { continue }
            pairs.append(("step \(place + 1)", text, try JSONEncoder().encode(step)))
        }
        for (what, text, data) in pairs where Self.sorted(Data((text ?? "").utf8)) != Self.sorted(data) {
            report.differs("\(found.id): the text of its \(what) is not as it was written")
        }
    }

    private static func sorted(_ data: Data) -> Data? {
        guard let object = try? JSONSerialization.jsonObject(with: data) else { return nil }
        return try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    }

    // MARK: Configurations

    /// Each configuration is a line of the journal, and its files are those of its digest.
    func configurations(_ reader: StoreReader, _ report: inout CheckReport) throws {
        let stored = try reader.configurations()
        for record in stored {
            let what = "configuration \(record.version)"
            guard let line = facts.configurations[record.version] else {
                report.differs("\(what): the journal has no line of it")
                continue
            }
            let pairs = [
                ("digest", record.digest, line.configuration), ("person", record.who, line.by),
                ("reason", record.reason ?? "none", line.reason ?? "none"), ("path", record.path, line.path),
                ("zone", record.zone, line.zone), ("zone data", record.zoneDigest, line.zoneData),
                ("time", record.since == .distantPast ? "none" : record.since.text, line.from ?? "none"),
            ]
            for (name, a, b) in pairs where a != b {
                report.differs("\(what): its \(name) is stored as \(a), the journal has \(b)")
            }
            do {
                let files = try reader.files(ofVersion: record.version)
                for file in files where ConfigurationFiles.digest(of: file.bytes) != file.digest {
                    report.differs("\(what): the file \(file.name) kept with it is not the one that was in force")
                }
                if files.count < 2 || files[0].name != "configuration" || files[1].name != "zone"
                    || files.dropFirst(2).contains(where: { $0.name.isEmpty })
                {
                    report.differs("\(what): the files kept with it are not named as they were")
                }
                if let plant = try Plant(kept: record, in: reader), plant.digest != record.digest {
                    report.differs("\(what): its files are not those of its digest")
                }
            } catch let fault as StoreFault where fault.kind == .corrupt {
                report.differs("\(what): \(fault.message)")
            }
        }
        for version in facts.configurations.keys.sorted() where !stored.contains(where: { $0.version == version }) {
            report.differs("configuration \(version): the journal has it, it is not stored")
        }
    }
}

extension JournalFacts.Revision.Value {
    fileprivate init(_ value: IndicatorValue) {
        var flags = value.flags
        // The final revision is marked as such when it is read, the first one never.
        if value.revision == 1 { flags.subtract(.revised) }
        self.init(
            value: value.value, status: value.status.text, coverage: value.coverage, flags: flags.words)
    }
}
