import Conformity
import Evidence
import Foundation
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Recording
import Storage
import TestKit
import Testing

@testable import Verification

@Suite("The check of a bundle on a machine without the record")
struct BundleTests {
    /// A change of a file, after which the list of files is made anew: who changes evidence makes it fit.
    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        /// What the check has to say.
        let fault: String
        let edit: @Sendable (String) -> String?

        var testDescription: String { name }
    }

    /// Replaces the first piece that a pattern finds.
    private static func swap(_ pattern: String, _ new: String) -> @Sendable (String) -> String? {
        { text in
            guard let found = text.range(of: pattern, options: .regularExpression) else { return nil }
            let piece = String(text[found]).replacingOccurrences(of: pattern, with: new, options: .regularExpression)
            return text.replacingCharacters(in: found, with: piece)
        }
    }

    /// Changes each line that has a word by taking it out.
    private static func drop(_ word: String) -> @Sendable (String) -> String? {
        { text in
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let place = lines.lastIndex(where: { $0.contains(word) }) else { return nil }
            lines.remove(at: place)
            return lines.joined(separator: "\n")
        }
    }

    static let changes = [
        Change(
            name: "a value", file: "windows.csv", fault: "value of power from",
            edit: swap("(power,[^,]*,[^,]*),[0-9.]+,", "$1,1.5,")),
        Change(
            name: "a status", file: "windows.csv", fault: "value of used from",
            edit: swap("(used,.*),valid,", "$1,insufficient,")),
        Change(
            name: "a coverage", file: "windows.csv", fault: "value of used from",
            edit: swap("(used,.*,valid),1,", "$1,0.75,")),
        Change(
            name: "the configuration of a value", file: "windows.csv", fault: "is of configuration",
            edit: swap("(power,.*,1),1\n", "$1,9\n")),
        Change(
            name: "an earlier revision", file: "windows.csv", fault: "the journal has another value before it",
            edit: { text in
                var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                let keys = lines.map { $0.split(separator: ",").prefix(3).joined(separator: ",") }
                guard
                    let place = keys.indices.dropLast().first(where: { !keys[$0].isEmpty && keys[$0] == keys[$0 + 1] })
                else { return nil }
                var fields = lines[place].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                fields[3] = "3.25"
                lines[place] = fields.joined(separator: ",")
                return lines.joined(separator: "\n")
            }),
        Change(
            name: "a value taken out", file: "windows.csv", fault: "it is not in the bundle",
            edit: swap("used,[^\n]*\n$", "")),
        Change(
            name: "a verdict", file: "verdicts.csv", fault: "verdict of limit from",
            edit: swap("(limit,[^,]*,[^,]*),not_met,", "$1,met,")),
        Change(
            name: "the sum of a budget", file: "verdicts.csv", fault: "verdict of month from",
            edit: swap("(month,[^,]*,[^,]*,[a-z_]+),[0-9.]+,", "$1,12,")),
        Change(
            name: "a verdict taken out", file: "verdicts.csv", fault: "it is not in the bundle", edit: drop("month,")),
        Change(
            name: "a decision", file: "ledger.csv", fault: "decision",
            edit: swap("(m.energy,[^,]*,[a-z]+),[0-9.]*,", "$1,77,")),
        Change(
            name: "a decision taken out", file: "ledger.csv", fault: "it is not in the bundle", edit: drop("m.energy")),
        Change(
            name: "the peak of a nonconformity", file: "nonconformity.json", fault: "peak",
            edit: { $0.replacing("\"peak\":", with: "\"peak\":1") }),
        Change(
            name: "which one it repeats", file: "nonconformity.json", fault: "it repeats",
            edit: { $0.replacing("\"recurrence_of\":\"NC-2026-00", with: "\"recurrence_of\":\"NC-2026-10") }),
        Change(
            name: "when it cleared", file: "nonconformity.json", fault: "cleared at",
            edit: swap("(\"cleared_at\":\"....-..-..T..):..", "$1:07")),
        Change(
            name: "a window of its evidence", file: "nonconformity.json", fault: "evidence",
            edit: swap("(\"windows\":\\[\\{[^}]*\"value\":)[0-9.]+", "$1-4.5")),
        Change(
            name: "who took a step", file: "nonconformity.json", fault: "step 1 (ack)",
            edit: swap("\"by\":\"anna\"", "\"by\":\"emil\"")),
        Change(
            name: "what was said", file: "nonconformity.json", fault: "it is not what journal line",
            edit: swap("the shift was told", "nobody was told")),
        Change(
            name: "the state", file: "nonconformity.json", fault: "its steps make it",
            edit: swap("\"state\":\"[a-z]+\"", "\"state\":\"closed\"")),
        Change(
            name: "the digest of an attachment", file: "attachments.csv", fault: "attachments.csv, line 2",
            edit: swap(",[0-9a-f]{8}", ",00000000")),
        Change(
            name: "an attachment", file: "attachments/" + SealDigest.hex(Array("a photo".utf8)),
            fault: "it is another file than was named", edit: { $0 + "!" }),
        Change(
            name: "a register", file: "registers.csv", fault: "registers.csv, line",
            edit: swap("kWh", "MWh")),
        Change(
            name: "a formula", file: "configuration/1/0.txt", fault: "configuration 1",
            edit: swap("mean\\(m.power\\)", "min(m.power)")),
        Change(
            name: "who changed the configuration", file: "configuration/1/index.json", fault: "index.json, line 1",
            edit: swap("\"by\":\"anna\"", "\"by\":\"emil\"")),
        Change(
            name: "a reading", file: "readings/m.power/2026-06-02T220000Z.csv",
            fault: "no line of the journal seals it",
            edit: swap("m.power,[0-9.]+", "m.power,12")),
        Change(
            name: "what the budget had used before", file: "before.jsonl", fault: "no line of the journal seals it",
            edit: { $0.replacing("\"record_start\"", with: "\"record_starts\"") }),
        Change(
            name: "the line that seals it", file: "journal.jsonl", fault: "does not stand under the head",
            edit: swap("record.standing\",\"time\":\"2026", "record.standing\",\"time\":\"2025")),
    ]

    private static let works = Result { try BundledWorks() }

    @Test(
        "holds, of a nonconformity and of a stretch, also where a month's budget had begun before, and says what it took as sealed"
    )
    func holds() throws {
        let works = try Self.works.get()
        for (files, least) in [(works.ofOne, 3), (works.ofStretch, 20), (works.whole, 200)] {
            let report = try BundleCheck(files).run()
            #expect(report.holds, "\(report.text)")
            #expect(report.values > least && report.verdicts > least && report.nonconformities > 0, "\(report.text)")
        }
        let report = try BundleCheck(works.ofOne).run()
        #expect(report.text.contains("is taken as before.jsonl has it"), "\(report.text)")
        #expect(try BundleCheck(works.whole).run().text.contains("before.jsonl has it") == false)
        #expect(try BundleCheck(works.whole).run().decisions > 0)
        #expect(try BundleCheck(works.whole).run().revisions > 0)
    }

    @Test(
        "holds wherever it begins and ends, over renamings, changed definitions and an exchange, and of each nonconformity"
    )
    func anywhere() throws {
        try FinalRecord.inDirectory { directory in
            let works = try PartTests.works(directory)
            let (start, end) = (PartTests.start, works.end)
            let plant = try works.store.read { reader in
                try reader.configurationInForce().flatMap { try Plant(kept: $0, in: reader) }
            }
            let last = try #require(plant)
            try works.store.write { try PlantSummary(last, configuration: "emsd.yaml").keep(in: $0) }
            try SealedWorks.seal(works.store, now: end + 3 * 86_400_000)
            _ = try KeyFile.make(directory + "/db/audit.key", name: "plant.example/emsd")
            var numbers = SeededNumbers(seed: 17)
            var requests = [BundleRequest(over: Window(start: works.since[1], end: works.since[2]), indicators: [])]
            for _ in 0..<5 {
                let minutes = Int.random(in: 0..<Int((end - start) / 60_000), using: &numbers)
                let from = start + Int64(minutes) * 60_000
                let stretch = Window(
                    start: from, end: from + Int64(Int.random(in: 200..<2500, using: &numbers)) * 60_000)
                requests.append(BundleRequest(over: stretch, indicators: []))
            }
            // Each objective's first and last one; all of them in `make soak`.
            let all = try works.store.read { try $0.nonconformities() }
            let ends = Dictionary(grouping: all, by: \.objective).values.flatMap { [$0[0].id, $0[$0.count - 1].id] }
            for id in Set(Soak.seeds == nil ? ends : all.map(\.id)).sorted() {
                requests.append(BundleRequest(nonconformity: id))
            }
            for request in requests {
                let report = try BundleCheck(BundledWorks.bundle(works.store, request, now: end + 86_400_000)).run()
                #expect(report.holds, "\(request): \(report.text)")
            }
        }
    }

    @Test("names whatever was changed in it, also where the list of files was made anew", arguments: changes)
    func changed(_ change: Change) throws {
        let works = try Self.works.get()
        var found = 0
        for var files in [works.ofOne, works.ofStretch, works.whole] {
            guard let bytes = files[change.file], let text = change.edit(String(decoding: bytes, as: UTF8.self)),
                Array(text.utf8) != bytes
            else { continue }
            files[change.file] = Array(text.utf8)
            files["SHA256SUMS"] = BundledWorks.list(files)
            let report = try BundleCheck(files).run()
            #expect(!report.holds && report.text.contains(change.fault), "\(change.name): \(report.text)")
            found += 1
        }
        #expect(found > 0, "\(change.name): nothing was changed")
    }
}

/// A record of four days with revisions, decisions, a month's budget and nonconformities, and bundles of it.
private final class BundledWorks: Sendable {
    let ofOne: [String: [UInt8]]
    let ofStretch: [String: [UInt8]]
    let whole: [String: [UInt8]]

    private static let day: Int64 = 86_400_000
    private static let start = Instant("2026-06-01T00:00:00Z")!

    private static func configuration(_ limit: Int) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        links: {l: {transport: tcp, host: 127.0.0.1, port: 1}}
        meters:
          m:
            link: l
            unit: 1
            interval: 5m
            points:
              power: {register: holding 0, type: float32, kind: gauge, unit: kW, max_gap: 15m}
              energy: {register: holding 2, type: uint32, kind: counter, unit: kWh, max_rate: 500}
        indicators:
          power: {window: 30m, formula: mean(m.power), unit: kW}
          used: {window: 1h, formula: delta(m.energy), unit: kWh}
          day: {window: 1d, formula: sum(used), unit: kWh}
        objectives:
          limit: {indicator: power, max: \(limit), for: 2, clear_after: 2}
          month: {indicator: used, budget: 2500, per: 1mo}
        """
    }

    init() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/emsd-bundle-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
        var energy = 1000.0
        for (place, limit) in [95, 97].enumerated() {
            let plant = try FinalRecord.plant(Self.configuration(limit), in: directory)
            try store.write { try PlantSummary(plant, configuration: "emsd.yaml").keep(in: $0) }
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start(load: ConfigurationLoad(.replay, by: "anna", reason: "limit \(limit)"))
            let begin = Self.start + Int64(place) * 2 * Self.day
            try recorder.record(
                (0..<576).flatMap { step -> [Reading] in
                    energy = step == 300 ? 10 : energy + 5
                    return [
                        Reading(0, begin + Int64(step) * 300_000, 80 + Double((step / 21) % 4) * 8),
                        Reading(1, begin + Int64(step) * 300_000, step == 77 ? 1e6 : energy),
                    ]
                })
            try recorder.record([Reading(0, begin + 36_060_000, 400)])
            try recorder.finish()
            if place == 1 { try Self.live(plant, store) }
        }
        try SealedWorks.seal(store, now: Self.start + 6 * Self.day)
        _ = try KeyFile.make(directory + "/db/audit.key", name: "plant.example/emsd")
        let ids = try store.read { try $0.nonconformities() }.filter { $0.onset > Self.start + 2 * Self.day }
        guard let id = ids.first(where: { $0.state != "open" })?.id else { throw AuditFault("no nonconformity") }
        let stretch = Window(start: Self.start + 3 * Self.day, end: Self.start + 7 * Self.day / 2)
        ofOne = try Self.bundle(store, BundleRequest(nonconformity: id))
        ofStretch = try Self.bundle(store, BundleRequest(over: stretch, indicators: ["power", "used"]))
        whole = try Self.bundle(
            store, BundleRequest(over: Window(start: Self.start, end: Self.start + 9 * Self.day), indicators: []))
        try store.close()
    }

    /// What people did with the last nonconformity.
    private static func live(_ plant: Plant, _ store: PlantStore) throws {
        let recorder = Recorder(store: store, plant: plant, isLive: true)
        let now = start + 4 * day
        try recorder.start(now: now)
        guard let id = try store.read({ try $0.nonconformities() }).last?.id else { return }
        var step = LifecycleStep(.acknowledge, by: "anna", at: now, text: "the shift was told")
        step.evidence = [SealDigest.hex(Array("a photo".utf8))]
        step.files = ["photo.jpg"]
        try recorder.take(step, of: id, hasSingleOperator: false, now: now)
        step = LifecycleStep(.cause, by: "carl", at: now, text: "worn, \"as last year\"")
        step.category = .equipment
        try recorder.take(step, of: id, hasSingleOperator: false, now: now)
    }

    /// The files of a bundle of a store, after what it needs was sealed and signed as the daemon does it.
    static func bundle(
        _ store: PlantStore, _ request: BundleRequest, now: Instant = start + 6 * day
    ) throws -> [String: [UInt8]] {
        let bundle = try EvidenceBundle(store, request)
        for (stretch, points) in try bundle.unsealed() {
            try note(try store.read { try DaySeal(of: stretch, points: points, in: $0) }.entry(at: now), store, now)
        }
        if let standing = try bundle.unsealedStanding() {
            try note(EvidenceBundle.standing(standing.begin, standing.digest, at: now), store, now)
        }
        let keeper = HeadKeeper(store, environment: [:])
        if let keys = try keeper.keys(), try store.read({ try $0.note("audit.keys") }) == nil {
            try note(
                JournalEntry("key.first", at: now, [.init("vkey", .text(keys.current.verifier.text))]), store, now)
            try store.write { try $0.setNote("audit.keys", "noted") }
        }
        if try !bundle.isCovered() { try keeper.sign(now: now) }
        var files: [String: [UInt8]] = [:]
        try bundle.make { files[$0] = $1 }
        let photo = Array("a photo".utf8)
        if String(decoding: files["attachments.csv"] ?? [], as: UTF8.self).contains(SealDigest.hex(photo)) {
            files["attachments/" + SealDigest.hex(photo)] = photo
            files["SHA256SUMS"] = list(files)
        }
        return files
    }

    private static func note(_ entry: JournalEntry, _ store: PlantStore, _ now: Instant) throws {
        try store.write { writer in
            let head = try writer.journalHead()
            var chain = JournalChain(sequence: head.seq, hash: head.hash)
            let line = chain.append(entry)
            try writer.appendJournal([
                JournalRecord(seq: line.sequence, time: now, line: line.text, hash: line.hash)
            ])
        }
    }

    /// The list of the files as a bundle has it.
    static func list(_ files: [String: [UInt8]]) -> [UInt8] {
        let names = files.keys.filter { $0 != "SHA256SUMS" }
            .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        return Array(names.map { "\(SealDigest.hex(files[$0] ?? []))  \($0)\n" }.joined().utf8)
    }
}
