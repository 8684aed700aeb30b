import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKit
import Storage
import TestKit
import Testing

@testable import Recording

@Suite(
    "Counters of the day and registers that run both ways: whatever the order and the restarts, the record ends the same"
)
struct CountingTests {
    private static let configuration = """
        site: {name: Test works, timezone: Europe/Berlin}
        meters:
          m:
            interval: 10m
            max_gap: 30m
            points:
              today: {kind: counter, resets: 1d, unit: kWh, max_rate: 120}
              net: {kind: net, unit: kWh, max_rate: 90}
              ended: {kind: interval, unit: kWh}
              begun: {kind: interval, stamp: start, unit: kWh, max_gap: 20m}
              level: {kind: gauge}
        calendars: {night: {hours: ["21:30-05:15"]}}
        indicators:
          hour: {window: 1h, formula: delta(m.today), unit: kWh}
          day: {window: 1d, formula: delta(m.today), unit: kWh}
          balance: {window: 1h, formula: delta(m.net), unit: kWh}
          used: {window: 30m, formula: delta(m.ended) - delta(m.begun), unit: kWh, min_coverage: 0}
          begun: {window: 15m, formula: delta(m.begun), unit: kWh, grace: 4m}
          begun_while: {window: 1h, formula: delta(m.begun), while: m.level > 3, min_coverage: 0.2}
          last: {window: 20m, formula: last(m.begun) + count(m.ended), min_coverage: 0}
          night: {window: 1d from 06:00, formula: delta(m.begun) + delta(m.net), during: night, min_coverage: 0.1}
          busy: {window: 1d, formula: delta(m.today) - 40, min_coverage: 0.2}
          busy_days: {window: {days: 2, when: busy}, formula: mean(m.level) + delta(m.net) + delta(m.begun), min_coverage: 0.1}
          busy_nights: {window: {days: 1, when: busy}, formula: sum(hour), during: night, while: m.level > 1, min_coverage: 0.1}
          night_level: {window: 2h, formula: mean(m.level), during: night, while: m.level > 1, min_coverage: 0.3}
        objectives:
          limit: {indicator: hour, max: 40}
          duty: {indicator: day, available: 80%, per: 1d}
          lost: {indicator: used, missing: {count: 3, per: 1d from 06:00}, for: 2}
          busy_limit: {indicator: busy_days, max: 3, for: 2}
          nightly: {indicator: begun, max: 8, during: night, allow: {share: 10%, per: 1d}}
        """

    /// Four days around the change of the clock, with outages, glitches, and a device that wakes late.
    private static func recording(seed: UInt64) -> [Reading] {
        var numbers = SeededNumbers(seed: seed)
        var readings: [Reading] = []
        let start: Int64 = 1_792_792_800_000
        var (today, net, day) = (0.0, 100.0, Int64(0))
        var minute: Int64 = 0
        var wakes: Int64 = 0
        while minute < 4 * 1440 {
            let time = Instant(milliseconds: start + minute * 60_000 + Int64.random(in: 0...20_000, using: &numbers))
            if minute / 1440 != day {
                day = minute / 1440
                wakes = minute + Int64.random(in: 0...500, using: &numbers)
            }
            if minute >= wakes, wakes > 0 { (today, wakes) = (0, 0) }
            if (480...960).contains(minute % 1440), wakes == 0 {
                today += Double(Int.random(in: 0...12, using: &numbers))
            }
            net += Double(Int.random(in: -12...12, using: &numbers))
            switch Int.random(in: 0..<25, using: &numbers) {
            case 0: readings.append(Reading(0, time, today + 5000))
            case 1: readings.append(Reading(0, time, bad: .timeout))
            case 2: readings.append(Reading(0, time, max(0, today - 3)))
            default: readings.append(Reading(0, time, today))
            }
            switch Int.random(in: 0..<25, using: &numbers) {
            case 0: readings.append(Reading(1, time, net - 7000))
            case 1:
                net += 4000
                readings.append(Reading(1, time, net))
            default: readings.append(Reading(1, time, net))
            }
            // Side by side on the clock, and now and then one that overlaps.
            let quarter = Instant(milliseconds: start + minute * 60_000)
            let off = Int.random(in: 0..<20, using: &numbers) == 0 ? Int64.random(in: 1...500_000, using: &numbers) : 0
            if Int.random(in: 0..<15, using: &numbers) > 0 {
                readings.append(Reading(2, quarter + off, Double(Int.random(in: 0...9, using: &numbers))))
                readings.append(Reading(3, quarter + off, Double(Int.random(in: 0...9, using: &numbers))))
            }
            readings.append(Reading(4, time + 30_000, Double(Int.random(in: 0...9, using: &numbers))))
            minute += Int.random(in: 0..<30, using: &numbers) == 0 ? Int64.random(in: 20...400, using: &numbers) : 10
        }
        return readings.sorted { $0.time < $1.time }
    }

    private static func run(_ batches: [[Reading]], restarting: Bool) throws -> [String] {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(configuration, in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            var recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
            for batch in batches {
                if restarting {
                    recorder = Recorder(store: store, plant: plant, isLive: false)
                    try recorder.start()
                }
                try recorder.record(batch)
            }
            try recorder.finish()
            defer { try? store.close() }
            return try FinalRecord.lines(store, plant)
        }
    }

    private static func batches(of readings: [Reading], _ numbers: inout SeededNumbers) -> [[Reading]] {
        var batches: [[Reading]] = []
        var rest = readings[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...90, using: &numbers)
            batches.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return batches
    }

    @Test("any split by restarts equals no restart", arguments: Soak.some(3))
    func restarts(seed: UInt64) throws {
        let readings = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 77)
        let whole = try Self.run([readings], restarting: false)
        #expect(whole.count > 100)
        let split = try Self.run(Self.batches(of: readings, &numbers), restarting: true)
        let differences = FinalRecord.differences(split, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("readings that come late end as if they had come in time", arguments: Soak.some(4))
    func late(seed: UInt64) throws {
        let readings = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 33)
        let whole = try Self.run([readings], restarting: false)
        var (inTime, late): ([Reading], [Reading]) = ([], [])
        for (index, reading) in readings.enumerated() {
            let isLate = index > 0 && index + 1 < readings.count && Int.random(in: 0..<20, using: &numbers) == 0
            if isLate { late.append(reading) } else { inTime.append(reading) }
        }
        late.shuffle(using: &numbers)
        let lines = try Self.run([inTime] + late.map { [$0] }, restarting: false)
        let differences = FinalRecord.differences(lines, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }
}
