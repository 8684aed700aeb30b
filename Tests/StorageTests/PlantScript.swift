import Conformity
import Indicators
import Metering
import Storage
import TestKit
import Testing

/// A plant's record as a recorder writes it, step by step: what is stored after so many steps follows from their number
/// alone.
struct PlantScript {
    private var chain = JournalChain()
    private(set) var steps = 0

    /// Goes on where a store stands.
    init(_ store: PlantStore? = nil) throws {
        guard let store else { return }
        let head = try store.read { try $0.journalHead() }
        chain = JournalChain(sequence: head.seq, hash: head.hash)
        steps = head.seq
    }

    /// Writes the next steps in one transaction, and what `also` adds to each.
    mutating func write(
        _ count: Int = 1, to store: PlantStore, also: (StoreWriter, _ step: Int64) throws -> Void = { _, _ in }
    ) throws {
        var chain = chain
        try store.write { writer in
            for step in Int64(steps)..<Int64(steps + count) {
                try PlantScript.put(step, &chain, writer)
                try also(writer, step)
            }
        }
        self.chain = chain
        steps += count
    }

    private static func put(_ step: Int64, _ chain: inout JournalChain, _ writer: StoreWriter) throws {
        try writer.append(readings(of: step))
        if step % 5 == 4 {
            try writer.put(value: value(step))
            try writer.put(verdict: verdict(step))
        }
        if step % 20 == 19 {
            let entry = LedgerEntry(
                point: 3, time: at(step * 1000), verdict: .reset, advance: 1.5, lastSuspect: at(step * 1000))
            try writer.replaceLedger(3, in: window(step * 1000, step * 1000 + 1), with: [entry])
        }
        if step % 40 == 39 {
            let number = try writer.nextNumber(year: 2026)
            let id = "NC-2026-\(String(String(10_000 + number).dropFirst()))"
            try writer.put(nonconformity(id, step))
            try writer.append(LifecycleRecord(nonconformity: id, time: at(step), who: "anna", step: "ack"))
        }
        let line = chain.append(JournalEntry("step", at: at(step * 1000), [.init("number", .integer(Int(step)))]))
        try writer.appendJournal([
            JournalRecord(seq: line.sequence, time: at(step * 1000), line: line.text, hash: line.hash)
        ])
        if step % 10 == 9 {
            try writer.enqueueAlert(time: at(step * 1000), severity: "info", json: "{}", text: "step \(step)")
        }
        try writer.setClock(at(step * 1000))
    }

    /// Readings of four points, some bad, and now and then a correction of an earlier one.
    static func readings(of step: Int64) -> [Reading] {
        var readings = (0..<4).map { point in
            step % 13 == 5 && point == 1
                ? Reading(1, at(step * 1000), bad: .timeout)
                : Reading(PointIndex(point), at(step * 1000), Double(step * 7 + Int64(point)) / 10)
        }
        if step % 17 == 16 { readings.append(Reading(2, at((step - 3) * 1000), -1)) }
        return readings
    }

    /// Readings of twenty more points that fill some of the disk's blocks.
    static func noise(of step: Int64) -> [Reading] {
        var random = SeededNumbers(seed: UInt64(step) &+ 77)
        return (4..<24).map { Reading($0, at(step * 1000 + Int64($0)), Double.random(in: -1...1, using: &random)) }
    }

    private static func value(_ step: Int64) -> IndicatorValue {
        IndicatorValue(
            indicator: 0, window: window((step - 4) * 1000, (step + 1) * 1000), value: Double(step) / 3, status: .valid,
            coverage: 1, base: 5000)
    }

    private static func verdict(_ step: Int64) -> JudgedWindow {
        JudgedWindow(
            objective: 0, window: window((step - 4) * 1000, (step + 1) * 1000), verdict: .met, value: Double(step),
            limit: 5, memory: [UInt8(truncatingIfNeeded: step / 10)])
    }

    private static func nonconformity(_ id: String, _ step: Int64) -> Nonconformity {
        Nonconformity(
            id: id, objective: "limit", severity: .major, onset: at(step * 1000), raisedAt: at(step * 1000 + 1),
            peak: 231.4, limit: 200, unit: "kW", definition: "{}", configurationDigest: "a",
            windows: [
                EvidenceWindow(
                    start: step * 1000, end: step * 1000 + 1, verdict: "not_met", value: 231.4, limit: 200, coverage: 1,
                    status: "valid")
            ],
            points: [EvidencePoint(point: "meter.p0", count: 1, minimum: 1, maximum: 1, first: 1, last: 1)])
    }

    /// What must be stored of a point after so many steps.
    static func expected(_ point: PointIndex, steps: Int) -> [Seen] {
        var latest: [Int64: Reading] = [:]
        for step in 0..<Int64(steps) {
            for reading in readings(of: step) where reading.point == point {
                latest[reading.time.milliseconds] = reading
            }
        }
        return latest.sorted { $0.key < $1.key }.map { Seen($0.value) }
    }
}

/// Everything that a store says.
struct Contents: Equatable {
    var readings: [[Seen]] = []
    var values: [[IndicatorValue]] = []
    var verdicts: [JudgedWindow] = []
    var ledger: [LedgerEntry] = []
    var nonconformities: [Nonconformity] = []
    var lifecycle: [[LifecycleRecord]] = []
    var journal: [JournalRecord] = []
    var alerts: [AlertRecord] = []
    var clock: Instant?
    var recordStart: Instant?

    init(of store: PlantStore) throws {
        try store.read { (reader) throws in
            for point in 0..<PointIndex(4) {
                readings.append(try reader.readings(point, in: everything).map(Seen.init))
            }
            for indicator in 0..<2 {
                var found: [IndicatorValue] = []
                try reader.values(indicator, in: nil, allRevisions: true) { found.append($0) }
                values.append(found)
            }
            verdicts = try reader.verdicts(0)
            ledger = try reader.ledger()
            nonconformities = try reader.nonconformities()
            lifecycle = try nonconformities.map { try reader.steps(of: $0.id) }
            try reader.journal { journal.append($0) }
            alerts = try reader.alerts(after: 0)
            clock = try reader.clock()
            recordStart = try reader.recordStart()
        }
    }

    /// Whether the journal's chain holds from its first line to its last.
    var chainHolds: Bool {
        JournalVerifier.firstFault(
            in: journal.map { JournalLine(sequence: $0.seq, text: $0.line, hash: $0.hash) }) == nil
    }

    /// Expects that it is what so many steps of the script store, no more and no less.
    func expect(steps: Int, _ comment: Comment? = nil) {
        #expect(journal.count == steps && chainHolds, comment)
        for point in 0..<4 {
            #expect(readings[point] == PlantScript.expected(PointIndex(point), steps: steps), comment)
        }
        #expect(values[0].count == steps / 5 && verdicts.count == steps / 5, comment)
        #expect(verdicts.allSatisfy { $0.memory == [UInt8(truncatingIfNeeded: Int($0.value ?? 0) / 10)] }, comment)
        #expect(ledger.count == steps / 20, comment)
        #expect(nonconformities.count == steps / 40 && lifecycle.allSatisfy { $0.count == 1 }, comment)
        #expect(nonconformities.allSatisfy { $0.windows.count == 1 && $0.points.count == 1 }, comment)
        #expect(alerts.map(\.seq) == Array(0..<steps / 10).map { $0 + 1 }, comment)
        #expect(clock == (steps == 0 ? nil : at(Int64(steps - 1) * 1000)), comment)
        #expect(recordStart == (steps == 0 ? nil : at(0)), comment)
    }
}
