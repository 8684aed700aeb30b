import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKit
import Storage
import Testing

@testable import Recording

/// Evidence of episodes whose windows close in one go: after an absence, in a replay.
@Suite("Evidence of windows that close in one go")
struct BatchEvidenceTests {
    private static let start = Instant("2026-09-01T00:00:00Z")!
    private static let configuration = """
        site: {name: Works, timezone: Etc/UTC}
        meters: {m: {interval: 5m, points: {p: {kind: gauge, unit: kW}}}}
        indicators: {quarter: {window: 15m, formula: mean(m.p), unit: kW}}
        objectives:
          limit: {indicator: quarter, max: 70, for: 2, clear_after: 2}
          lost: {indicator: quarter, missing: {count: 3, per: 1d}}
        """

    /// Two days: twice an hour over the limit on the first, and then nothing until the end.
    private static let readings: [Reading] = (0..<576).compactMap { slot in
        if slot > 288, slot < 570 { return nil }
        return Reading(0, start + Int64(slot) * 300_000, [24..<36, 60..<72].contains { $0 ~= slot } ? 90 : 50)
    }

    private static func record(
        _ portions: [[Reading]], _ configuration: String = configuration
    ) throws -> (found: [Nonconformity], lines: [String]) {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(configuration, in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            for portion in portions { try recorder.record(portion) }
            try recorder.finish()
            let found = try store.read { try $0.nonconformities() }
            let lines = try FinalRecord.lines(store, plant)
            try store.close()
            return (found, lines)
        }
    }

    @Test("what was known at a raising is what had closed by then, however many windows close with it")
    func frozen() throws {
        let (atOnce, lines) = try Self.record([Self.readings])
        let (oneByOne, others) = try Self.record(Self.readings.map { [$0] })
        #expect(FinalRecord.differences(lines, others) == [])
        #expect(atOnce.count == 3)
        for (one, other) in zip(atOnce, oneByOne) {
            let raisedAt = one.raisedAt.milliseconds
            #expect(one.frozen?.windows.last?.end == raisedAt, "\(one.id) of \(one.objective)")
            #expect(one.frozen == other.frozen, "\(one.id)")
            #expect(one.windows == other.windows, "\(one.id)")
        }
    }

    @Test("a month that follows the first one and begins before it, as after February, stays in evidence made again")
    func months() throws {
        let configuration = """
            site: {name: Works, timezone: Etc/UTC}
            meters: {m: {interval: 1h, points: {p: {kind: gauge, unit: kW}}}}
            indicators: {month: {window: 1mo, every: 12h, formula: mean(m.p), unit: kW}}
            objectives: {limit: {indicator: month, max: 98.25}}
            """
        let begin = Instant("2026-02-01T00:00:00Z")!
        let rise = Instant("2026-02-28T12:00:00Z")!
        let readings = (0..<60 * 24).map { hour in
            let time = begin + Int64(hour) * 3_600_000
            return Reading(0, time, time < rise ? 0 : hour == 1000 ? 101 : 100)
        }
        let late = readings.filter { $0.value == 101 }
        let atOnce = try Self.record([readings], configuration).found
        let again = try Self.record([readings.filter { $0.value != 101 }, late], configuration).found
        #expect(atOnce.count == 1 && again.count == 1)
        let stretches = atOnce.map { $0.windows.map { [$0.start, $0.end] } }
        #expect(again.map { $0.windows.map { [$0.start, $0.end] } } == stretches)
        #expect(atOnce.first?.onset == rise)
        let starts = stretches.joined().map { $0[0] }
        #expect(starts.contains { $0 < rise.milliseconds })
    }

    @Test("a window that stands in the evidence already leaves it and its digests as they are")
    func standing() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(Self.configuration, in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            try recorder.record(Self.readings)
            try recorder.finish()
            let found = try store.read { try $0.nonconformities() }
            let before = try #require(found.max { $0.windows.count < $1.windows.count })
            #expect(before.windows.count > 10)
            try store.write { writer in
                for window in before.windows {
                    try writer.extend(before.id, with: window, peak: before.peak, limit: before.limit)
                }
            }
            #expect(try store.read { try $0.nonconformity(before.id) } == before)
            #expect(try store.read { try $0.damagedEvidence() }.isEmpty)
            var other = before.windows[3]
            other.coverage = 0.125
            try store.write { try $0.extend(before.id, with: other, peak: before.peak, limit: before.limit) }
            #expect(try store.read { try $0.nonconformity(before.id)?.windows[3] } == other)
            #expect(try store.read { try $0.damagedEvidence() }.isEmpty)
            try store.close()
        }
    }
}
