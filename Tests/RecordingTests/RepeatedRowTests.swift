import Metering
import RecordKit
import Storage
import Testing

@testable import Recording

@Suite("A row that stands twice in a recording")
struct RepeatedRowTests {
    private static let configuration = """
        site: {name: Test works, timezone: UTC}
        meters:
          m: {interval: 30m, points: {p: {kind: gauge}, e: {kind: counter, max_rate: 100}}}
        indicators:
          count: {window: 2h, formula: count(m.p)}
          mean: {window: 2h, formula: mean(m.p)}
          used: {window: 2h, formula: delta(m.e)}
        objectives:
          enough: {indicator: count, min: 4}
          low: {indicator: mean, max: 10}
        """

    private static func at(_ row: Int) -> Instant { Instant(milliseconds: 1_767_225_600_000 + Int64(row) * 1_800_000) }

    private static let rows = (0...16).flatMap { row in
        [Reading(0, at(row), Double(row % 5)), Reading(1, at(row), Double(100 + row))]
    }

    /// The record that the batches make, and how many nonconformities and revisions it took.
    private static func record(_ batches: [[Reading]]) throws -> (
        lines: [String], nonconformities: Int, revisions: Int
    ) {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(configuration, in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            for batch in batches { try recorder.record(batch) }
            try recorder.finish()
            let lines = try FinalRecord.lines(store, plant)
            try store.close()
            return (lines, recorder.summary.nonconformities, recorder.summary.revisions)
        }
    }

    @Test("changes nothing, raises nothing and revises nothing; of two that differ the later one counts from the first")
    func withinOneBatch() throws {
        let once = try Self.record([Self.rows])
        #expect(once.lines.count >= 12 && once.nonconformities == 0 && once.revisions == 0)
        for row in Self.rows.indices {
            let same = Self.rows[...row] + Self.rows[row...]
            // What stood there first would break the limit, and would be a glitch of the counter.
            var wrong = Self.rows[row]
            wrong.value = 5000
            let corrected = Self.rows[..<row] + [wrong] + Self.rows[row...]
            let missing = Self.rows[..<row] + [Reading(wrong.point, wrong.time, bad: .timeout)] + Self.rows[row...]
            for batch in [same, corrected, missing] {
                let record = try Self.record([Array(batch)])
                #expect(record == once, "row \(row)")
            }
        }
    }

    @Test("is a correction where the first one is stored already")
    func overTwoBatches() throws {
        var wrong = Self.rows
        wrong[4].value = 5000
        let once = try Self.record([Self.rows])
        let corrected = try Self.record([wrong, [Self.rows[4]]])
        #expect(corrected.lines == once.lines)
        #expect(corrected.nonconformities == 1 && corrected.revisions > 0)
    }
}
