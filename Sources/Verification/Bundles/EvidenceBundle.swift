import Conformity
import Crypto
import Evidence
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import SignedNotes
import Storage

/// Everything that somebody needs who does not trust us: readings, rules, results, and what proves them, as files.
///
/// The same record gives the same bytes. Files come one after the other, so that only one is in memory.
package struct EvidenceBundle {
    private let store: PlantStore
    /// What is in it, as it was when it was begun: the record goes on meanwhile.
    private let scope: BundleScope

    /// A bundle of a store's record.
    ///
    /// Throws a ``CommandError`` (65) for what does not exist.
    package init(_ store: PlantStore, _ request: BundleRequest) throws {
        self.store = store
        scope = try store.show { try BundleScope(request, $0) }
    }

    /// The stretches whose readings no line seals as they are, with the points that are wanted: who may write the journal seals
    /// them first.
    package func unsealed() throws -> [(stretch: Window, points: Set<String>)] {
        try store.show { reader in
            try BundleSeals(scope, calendar: calendar(reader), reader).stretches.filter { $0.seal == nil }
                .map { ($0.stretch, scope.points) }
        }
    }

    /// From where on the readings are computed once more, and the digest of how the record stood there, where no line of the
    /// journal seals that yet: who may write the journal notes it (``standing(_:_:at:)``); nil where it is sealed.
    package func unsealedStanding() throws -> (begin: Instant, digest: String)? {
        try store.show { reader in
            let seals = try BundleSeals(scope, calendar: calendar(reader), reader).stretches
            guard case (let beginning?, let text?)? = try beginning(seals, reader) else { return nil }
            let digest = Self.digest(text)
            return try standingLine(digest, reader) == nil ? (beginning.begin, digest) : nil
        }
    }

    /// The line of the journal that seals how a record stood where a bundle's readings begin.
    package static func standing(_ begin: Instant, _ digest: String, at time: Instant) -> JournalEntry {
        JournalEntry("record.standing", at: time, [.init("at", .text(begin.text)), .init("sha256", .text(digest))])
    }

    private func beginning(
        _ seals: [BundleSeals.Sealed], _ reader: StoreReader
    ) throws -> (RecordBeginning?, [UInt8]?)? {
        // A stretch without a seal is not in the bundle, unless it is sealed first.
        guard let beginning = RecordBeginning(scope, seals.map(\.stretch)) else { return nil }
        return (beginning, Array(try beginning.text(reader).utf8))
    }

    private func standingLine(_ digest: String, _ reader: StoreReader) throws -> Int? {
        try reader.journalLines(containing: ["\"type\":\"record.standing\"", "\"\(digest)\""]).last
    }

    /// Whether the newest head covers all lines that the bundle has.
    package func isCovered() throws -> Bool {
        try store.show { reader in
            let seals = try BundleSeals(scope, calendar: calendar(reader), reader).stretches
            let standing = try beginning(seals, reader)?.1.flatMap { try standingLine(Self.digest($0), reader) }
            let last = max(try lines(reader, scope).max() ?? 0, standing ?? 0)
            return try reader.newestHead().map { $0.size >= last } ?? false
        }
    }

    /// Hands out its files in their order, the list of them last.
    ///
    /// Throws an ``AuditFault`` where no head covers the lines of the journal that are in it.
    package func make(_ emit: (_ name: String, _ bytes: [UInt8]) throws -> Void) throws {
        var sums: [(String, String)] = []
        func file(_ name: String, _ bytes: [UInt8]) throws {
            sums.append((name, Self.digest(bytes)))
            try emit(name, bytes)
        }
        try store.show { reader in
            guard let head = try reader.newestHead(), let note = SignedNote(text: head.note) else {
                throw AuditFault(
                    "no head was signed yet: make a key with 'emsctl audit init', then 'emsctl audit head'")
            }
            let seals = try BundleSeals(scope, calendar: calendar(reader), reader).stretches
            let (start, beginning) = try beginning(seals, reader) ?? (nil, nil)
            let standing = try beginning.flatMap { try standingLine(Self.digest($0), reader) }
            var whole = scope
            // Decisions of all days whose readings are in it.
            whole.readings = start?.readings ?? scope.readings
            if beginning != nil, standing == nil {
                throw AuditFault(
                    "no line of the journal seals how the record stood where the readings begin: export it with the daemon"
                )
            }
            let lines = Set(try lines(reader, scope) + [standing].compactMap { $0 }).sorted()
            if let last = lines.max(), last > head.size {
                throw AuditFault("no head covers line \(last) of the journal yet: sign one with 'emsctl audit head'")
            }
            let summary = try PlantSummary(from: reader, path: store.path)
            let words = BundleWords(scope, site: summary.site, seals, head: head, note: note)
            try file("README.txt", Array(words.readme.utf8))
            if let beginning { try file(RecordBeginning.file, beginning) }
            try file("checkpoint", Array(head.note.utf8))
            try configurations(scope, reader, file)
            try tables(whole, reader, lines, file)
            try proofs(lines, note, reader, file)
            try readings(scope, seals, reader, file)
            try file("recompute.md", Array(words.recompute.utf8))
            try file("verify.sh", Array(VerifyScript.text.utf8))
            try file("vkey", Array(try verifierKeys(note, reader).utf8))
            for (number, witness) in try reader.witnesses().enumerated() where witness.head == head.number {
                let kind = witness.kind == .timestamp ? "tsr" : "cosignature"
                try file("witness/\(number + 1).\(kind)", witness.data)
            }
        }
        let list = sums.sorted { Array($0.0.utf8).lexicographicallyPrecedes(Array($1.0.utf8)) }
            .map { "\($0.1)  \($0.0)\n" }.joined()
        try emit("SHA256SUMS", Array(list.utf8))
    }

    private func calendar(_ reader: StoreReader) throws -> SiteCalendar {
        let summary = try PlantSummary(from: reader, path: store.path)
        guard let calendar = SiteCalendar(identifier: summary.timezone) else {
            throw AuditFault("this machine does not know the zone \(summary.timezone): install the package tzdata")
        }
        return calendar
    }

    /// Tables of lines of the journal, with how their kinds begin.
    static let eventTables = [("calibration.csv", "calibration."), ("clock.csv", "clock")]

    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }

    // MARK: The parts

    private func tables(
        _ scope: BundleScope, _ reader: StoreReader, _ lines: [Int], _ file: (String, [UInt8]) throws -> Void
    ) throws {
        let tables = try BundleTables(scope, reader)
        try file("attachments.csv", Array(try tables.attachments().utf8))
        let records = try lines.compactMap { try Self.record($0, reader) }
        for (name, prefix) in Self.eventTables {
            try file(name, Array(BundleTables.events(prefix, in: records).utf8))
        }
        try file("ledger.csv", Array(try tables.ledger().utf8))
        try file("nonconformity.json", Array(try tables.nonconformities().utf8))
        try file("registers.csv", Array(try tables.registers().utf8))
        try file("verdicts.csv", Array(try tables.verdicts().utf8))
        try file("windows.csv", Array(try tables.windows().utf8))
    }

    private func configurations(
        _ scope: BundleScope, _ reader: StoreReader, _ file: (String, [UInt8]) throws -> Void
    ) throws {
        for record in try reader.configurations() where scope.versions.contains(record.version) {
            let folder = "configuration/\(record.version)/"
            let files = try reader.files(ofVersion: record.version)
            for (place, kept) in files.enumerated() { try file(folder + "\(place).txt", kept.bytes) }
            try file(folder + "index.json", Self.index(record, files))
        }
    }

    /// What a bundle says of a configuration and its files.
    static func index(_ record: ConfigurationRecord, _ files: [KeptFile]) -> [UInt8] {
        let index = CanonicalJSON.object([
            .init("version", .integer(record.version)), .init("configuration", .text(record.digest)),
            .init("from", record.since == .distantPast ? .null : .text(record.since.text)),
            .init("by", .text(record.who)), .init("reason", .text(record.reason)), .init("path", .text(record.path)),
            .init("zone", .text(record.zone)), .init("zone_data", .text(record.zoneDigest)),
            .init(
                "files",
                .list(
                    files.enumerated().map { place, kept in
                        .object([
                            .init("file", .text("\(place).txt")), .init("name", .text(kept.name)),
                            .init("sha256", .text(kept.digest)),
                        ])
                    })),
        ])
        return Array((index.canonicalText + "\n").utf8)
    }

    private func proofs(
        _ lines: [Int], _ note: SignedNote, _ reader: StoreReader, _ file: (String, [UInt8]) throws -> Void
    ) throws {
        var text = ""
        for line in lines { text += (try Self.record(line, reader)?.line ?? "") + "\n" }
        try file("journal.jsonl", Array(text.utf8))
        guard let size = Checkpoint(body: note.body)?.size else { return }
        let tree = MerkleTree(size: size, from: JournalLeaves(reader))
        for line in lines {
            let proof = InclusionProof(index: line - 1, hashes: try tree.inclusionProof(of: line - 1))
            try file("proofs/\(line).tlog-proof", Array(TransparencyProof(proof, under: note).text.utf8))
        }
    }

    private func readings(
        _ scope: BundleScope, _ seals: [BundleSeals.Sealed], _ reader: StoreReader,
        _ file: (String, [UInt8]) throws -> Void
    ) throws {
        let all = try reader.includingRemoved()
        for (index, point) in all.names.points.enumerated().sorted(by: { $0.element.name < $1.element.name })
        where scope.points.contains(point.name) {
            for sealed in seals where sealed.seal?.points[point.name] != nil {
                var text = CanonicalReadings(of: point.name)
                var bytes = Array(CanonicalReadings.header.utf8)
                try all.readings(PointIndex(index), in: sealed.stretch) { text.write($0, into: &bytes) }
                let name = sealed.stretch.start.text.replacing(":", with: "")
                try file("readings/\(point.name)/\(name).csv", bytes)
            }
        }
    }

    /// The keys that signed the head, each a line, the one that the journal named first.
    private func verifierKeys(_ note: SignedNote, _ reader: StoreReader) throws -> String {
        var keys: [VerifierKey] = []
        for line in try reader.journalLines(containing: ["\"type\":\"key.", "\"vkey\":\""]) {
            guard let text = try Self.record(line, reader)?.line, let found = text.range(of: "\"vkey\":\""),
                let key = VerifierKey(text: String(text[found.upperBound...].prefix { $0 != "\"" }))
            else { continue }
            if note.isSigned(by: key) { keys.append(key) }
        }
        guard let key = keys.last else { throw AuditFault("the journal names no key that signed the newest head") }
        return key.text + "\n"
    }

    // MARK: Lines

    private static func record(_ line: Int, _ reader: StoreReader) throws -> JournalRecord? {
        struct Enough: Error {}
        var found: JournalRecord?
        do {
            try reader.journal(from: line) {
                found = $0; throw Enough()
            }
        } catch is Enough {}
        return found?.seq == line ? found : nil
    }

    static func type(of line: String) -> String? {
        guard let found = line.range(of: "\"type\":\"") else { return nil }
        return String(line[found.upperBound...].prefix { $0 != "\"" })
    }

    /// The lines of the journal that are about what is in the bundle, ascending.
    private func lines(_ reader: StoreReader, _ scope: BundleScope) throws -> [Int] {
        struct Line: Decodable {
            let type: String
            let time: String
            let id: String?
            let indicator: String?
            let objective: String?
            let point: String?
            let start: String?
            let end: String?
            let version: Int?
        }
        let seals = Set(
            try BundleSeals(scope, calendar: calendar(reader), reader).stretches.compactMap { $0.seal?.line })
        var found: [Int] = []
        let scope = try scope.withFormerNames(reader)
        try reader.journal { record in
            guard record.line.utf8.count < 100_000 || seals.contains(record.seq),
                let line = try? JSONDecoder().decode(Line.self, from: Data(record.line.utf8))
            else { return }
            let isInside = line.start.flatMap { Instant($0) }.map { scope.windows.contains($0) } ?? false
            let isWanted =
                switch line.type {
                case "record.sealed": seals.contains(record.seq)
                case "configuration": line.version.map { scope.versions.contains($0) } ?? false
                case "value.revised": isInside && line.indicator.map { scope.indicators.contains($0) } ?? false
                case "verdict.revised", "verdict.restated":
                    isInside && line.objective.map { scope.objectives.contains($0) } ?? false
                case "ledger.entry", "ledger.withdrawn", "exchange.declared", "exchange.withdrawn":
                    line.point.map { scope.points.contains($0) } ?? false
                case let type where type.hasPrefix("key."): true
                case let type where type.hasPrefix("nc."): line.id.map { scope.nonconformities.contains($0) } ?? false
                case let type where type.hasPrefix("clock") || type.hasPrefix("calibration."):
                    scope.readings.contains(record.time)
                default: false
                }
            if isWanted { found.append(record.seq) }
        }
        return found
    }
}
