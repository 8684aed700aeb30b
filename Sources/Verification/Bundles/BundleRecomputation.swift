import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import Recording
import Storage

/// Computes the windows of a bundle once more from its readings, with the recorder, in a database that is gone afterwards.
struct BundleRecomputation {
    private struct Index: Decodable {
        struct File: Decodable {
            let file: String
            let name: String
            let sha256: String
        }
        let version: Int
        let configuration: String
        let from: String?
        let path: String
        let zone: String
        let files: [File]
    }

    private let files: [String: [UInt8]]

    init(_ files: [String: [UInt8]]) { self.files = files }

    func run(_ report: inout CheckReport) throws {
        var versions: [(index: Index, plant: Plant)] = []
        for (name, bytes) in files.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("configuration/") && name.hasSuffix("/index.json") {
            guard let index = try? JSONDecoder().decode(Index.self, from: Data(bytes)),
                let plant = plant(index, &report)
            else {
                report.differs("\(name): the configuration cannot be read")
                continue
            }
            versions.append((index, plant))
        }
        versions.sort { $0.index.version < $1.index.version }
        guard let first = versions.first else {
            return report.remark("no configuration is in it: nothing is recomputed")
        }
        let readings = readings(&report)
        guard let begin = readings.values.compactMap({ $0.first?.time }).min() else { return }
        let stored = rows("windows.csv")
        // Each version on its own: what one makes of the readings does not need the others.
        for version in versions {
            let made = try values(of: version.plant, from: readings)
            for row in final(stored) where row.count == 10 && row[9] == String(version.index.version) {
                guard let start = Instant(row[1]), start > begin, let value = made["\(row[0]) \(row[1]) \(row[2])"]
                else {
                    continue
                }
                report.values += 1
                let shown = [value.value.map { CanonicalJSON.text(of: $0) } ?? "", value.status.text]
                if [row[3], row[5]] != shown {
                    report.differs(
                        "value of \(row[0]) from \(row[1]) to \(row[2]): in the bundle \(row[3]) \(row[5]), recomputed "
                            + shown.joined(separator: " "))
                }
            }
        }
        let skipped = final(stored).count - report.values
        if skipped > 0 {
            report.remark(
                "\(skipped) windows begin before the readings of the bundle, or take in values from before: they were not "
                    + "recomputed")
        }
        _ = first
    }

    /// Of each window the last revision.
    private func final(_ rows: [[String]]) -> [[String]] {
        var last: [String: [String]] = [:]
        for row in rows where row.count == 10 { last[row[0...2].joined(separator: " ")] = row }
        return last.sorted { $0.key < $1.key }.map(\.value)
    }

    private func plant(_ index: Index, _ report: inout CheckReport) -> Plant? {
        var kept: [(name: String, bytes: [UInt8])] = []
        for file in index.files {
            guard let bytes = files["configuration/\(index.version)/\(file.file)"] else { return nil }
            if ConfigurationFiles.digest(of: bytes) != file.sha256 {
                report.differs("configuration/\(index.version)/\(file.file): it is not the file that was in force")
            }
            kept.append((file.name, bytes))
        }
        guard kept.count >= 2 else { return nil }
        let source = ConfigurationFiles(
            path: index.path, main: kept[0].bytes,
            profiles: kept[2...].map { ConfigurationFiles.Profile(name: $0.name, bytes: $0.bytes) }, zone: index.zone,
            zoneRules: String(decoding: kept[1].bytes, as: UTF8.self))
        let plant = PlantLoader.load(kept: source).plant
        if let plant, plant.digest != index.configuration {
            report.differs("configuration/\(index.version): its files are not those of its digest")
        }
        let isLined = (files["journal.jsonl"].map { String(decoding: $0, as: UTF8.self) } ?? "").contains(
            "\"configuration\":\"\(index.configuration)\"")
        if !isLined {
            report.differs("configuration/\(index.version): no line of the journal says that it was in force")
        }
        return plant
    }

    private func rows(_ name: String) -> [[String]] {
        guard let bytes = files[name] else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// By point.
    private func readings(_ report: inout CheckReport) -> [String: [Reading]] {
        var found: [String: [Reading]] = [:]
        for name in files.keys.sorted() where name.hasPrefix("readings/") {
            for row in rows(name) where row.count == 5 {
                guard let time = Instant(row[0]), let quality = Quality(text: row[3]) else {
                    report.differs("\(name): the row \(row.joined(separator: ",")) is no reading")
                    continue
                }
                let reason = Reason(text: row[4]) ?? .none
                let reading =
                    quality == .bad
                    ? Reading(0, time, bad: reason) : Reading(0, time, Double(row[2]) ?? .nan, quality, reason)
                found[row[1], default: []].append(reading)
            }
        }
        return found
    }

    private func values(of plant: Plant, from readings: [String: [Reading]]) throws -> [String: IndicatorValue] {
        let place = FileManager.default.temporaryDirectory.path + "/emsd-bundle-XXXXXX"
        var template = Array(place.utf8CString)
        guard mkdtemp(&template) != nil else {
            throw AuditFault("no directory can be made for the database: set $TMPDIR")
        }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
        defer { try? store.close() }
        let recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
        var all: [Reading] = []
        for (index, point) in plant.plan.points.enumerated() {
            for var reading in readings[point.name] ?? [] {
                reading.point = PointIndex(index)
                all.append(reading)
            }
        }
        all.sort { ($0.time, $0.point) < ($1.time, $1.point) }
        var rest = all[...]
        while !rest.isEmpty {
            try recorder.record(Array(rest.prefix(100_000)))
            rest = rest.dropFirst(100_000)
        }
        try recorder.finish()
        return try store.read { reader in
            var made: [String: IndicatorValue] = [:]
            for (index, indicator) in reader.names.indicators.enumerated() {
                try reader.values(index) { value in
                    made["\(indicator.name) \(value.window.start.text) \(value.window.end.text)"] = value
                }
            }
            return made
        }
    }
}
