import Conformity
import DatabaseFile
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKit
import Storage
import TestKit
import Testing

@testable import Recording

@Suite("Recording: whatever the order, the restarts and the batches, the record ends the same")
struct RecorderTests {
    private static let configuration = """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters:
          m:
            interval: 1m
            points:
              p: {kind: gauge, unit: kW, max_gap: 5m}
              e: {kind: counter, unit: kWh, max_rate: 500, modulus: 100000, max_gap: 10m}
              s: {kind: state, max_gap: 5m}
        derived:
          m.d: {formula: m.p * 2}
        indicators:
          quarter: {window: 15m, formula: mean(m.p), unit: kW}
          energy: {window: 15m, formula: delta(m.e), unit: kWh}
          hour: {window: 1h, formula: delta(m.e), unit: kWh}
          rolling: {window: 2h, every: 30m, formula: max(m.d), unit: kW}
          running: {window: 1h, formula: mean(m.p), while: m.s == 1, unit: kW}
          nested: {window: 4h, formula: mean(quarter), unit: kW}
        objectives:
          limit: {indicator: quarter, max: 60, for: 2, clear_after: 2}
          budget: {indicator: energy, budget: 300, per: 1d}
          duty: {indicator: quarter, available: 90%, per: 1d}
          lazy: {indicator: quarter, min: 20, while: m.s == 1}
        """

    private static func plant(in directory: String) throws -> Plant {
        try FinalRecord.plant(configuration, in: directory)
    }

    /// Six hours around the change of the clock, with outages, glitches, resets, rollovers, bad and uncertain readings.
    private static func recording(seed: UInt64) -> [Reading] {
        var numbers = SeededNumbers(seed: seed)
        var readings: [Reading] = []
        var energy = Double.random(in: 90_000...99_990, using: &numbers).rounded()
        var power = 40.0
        let start: Int64 = 1_792_886_400_000
        var minute: Int64 = 0
        while minute < 360 {
            let time = Instant(milliseconds: start + minute * 60_000 + Int64.random(in: 0...20_000, using: &numbers))
            power = min(100, max(0, power + Double.random(in: -12...12, using: &numbers).rounded()))
            energy += (power / 60 * 100).rounded() / 100
            if energy >= 100_000 { energy -= 100_000 }
            switch Int.random(in: 0..<40, using: &numbers) {
            case 0: readings.append(Reading(0, time, bad: .timeout))
            case 1: readings.append(Reading(0, time, power, .uncertain))
            default: readings.append(Reading(0, time, power))
            }
            switch Int.random(in: 0..<60, using: &numbers) {
            case 0: readings.append(Reading(1, time, 0))
            case 1:
                energy = 3
                readings.append(Reading(1, time, energy))
            case 2: readings.append(Reading(1, time, energy + 5000))
            case 3: break
            default: readings.append(Reading(1, time, energy))
            }
            if minute % 3 == 0 { readings.append(Reading(2, time, Double(minute / 45 % 2))) }
            minute += Int.random(in: 0..<30, using: &numbers) == 0 ? Int64.random(in: 8...70, using: &numbers) : 1
        }
        return readings
    }

    /// Records the batches, each by a recorder of its own where it is to restart.
    private static func run(_ batches: [[Reading]], restarting: Bool) throws -> [String] {
        try FinalRecord.inDirectory { directory in
            let plant = try plant(in: directory)
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
            let lines = try FinalRecord.lines(store, plant)
            try store.close()
            return lines
        }
    }

    private static func batches(of readings: [Reading], _ numbers: inout SeededNumbers) -> [[Reading]] {
        var batches: [[Reading]] = []
        var rest = readings[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...120, using: &numbers)
            batches.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return batches
    }

    @Test("any split by restarts equals no restart", arguments: [1, 2, 3, 4] as [UInt64])
    func restarts(seed: UInt64) throws {
        let readings = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 77)
        let whole = try Self.run([readings], restarting: false)
        #expect(whole.count > 100)
        let split = try Self.run(Self.batches(of: readings, &numbers), restarting: true)
        let differences = FinalRecord.differences(split, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test(
        "readings that are held and committed now and then, over kills, end as if each had been committed at once",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func held(seed: UInt64) throws {
        let readings = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 55)
        let whole = try Self.run([readings], restarting: false)
        let batches = Self.batches(of: readings, &numbers)
        let lines = try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            var recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: readings[0].time)
            var uncommitted: [Reading] = []
            for (index, batch) in batches.enumerated() {
                uncommitted += batch
                recorder.hold(batch)
                let now = index + 1 < batches.count ? batches[index + 1][0].time - 1 : batch[batch.count - 1].time
                recorder.holdOn(to: now)
                if recorder.isCommitDue || Int.random(in: 0..<8, using: &numbers) == 0 {
                    try recorder.commit(now: now)
                    #expect(!recorder.holdsAny && !recorder.isCommitDue)
                    uncommitted = []
                }
                if Int.random(in: 0..<6, using: &numbers) == 0 {
                    recorder = Recorder(store: store, plant: plant, isLive: true)
                    try recorder.start(now: batch[0].time)
                    // As they are found in the tail, with some that were committed already.
                    let known = readings.prefix { $0.time < uncommitted.first?.time ?? .distantPast }.suffix(7)
                    recorder.hold(known + uncommitted)
                    try recorder.commit(now: now)
                    uncommitted = []
                }
            }
            try recorder.commit(now: readings[readings.count - 1].time)
            try recorder.finish()
            defer { try? store.close() }
            return try FinalRecord.lines(store, plant)
        }
        let differences = FinalRecord.differences(lines, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("what the newest reading means is decided with the last commit before a stop")
    func decidedAtStop() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let counter = try #require(plant.plan.points.firstIndex { $0.kind == .counter })
            let recorder = Recorder(store: store, plant: plant, isLive: true)
            let start = Instant(milliseconds: 1_792_886_400_000)
            try recorder.start(now: start)
            for (second, value) in [(1, 500.0), (2, 500), (3, 0)] {
                recorder.hold([Reading(PointIndex(counter), start + Int64(second) * 1000, value)])
            }
            try recorder.commit(now: start + 3000)
            let verdicts = try store.read { reader in
                try reader.ledger(PointIndex(counter), in: Window(start: start, end: .distantFuture)).map(\.verdict)
            }
            #expect(verdicts == [.suspect])
            try store.close()
        }
    }

    @Test("on a full disk nothing held is lost; as room comes it is stored in portions that stay, and ends as ever")
    func fullDisk() throws {
        let readings = Self.recording(seed: 21)
        let whole = try Self.run([readings], restarting: false)
        let lines = try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: true)
            recorder.portion = 40
            try recorder.start(now: readings[0].time)
            recorder.hold(Array(readings[..<30]))
            try recorder.commit(now: readings[29].time)
            let end = readings[readings.count - 1].time
            try store.limit(morePages: 0)
            for part in stride(from: 30, to: readings.count, by: 50) {
                recorder.hold(Array(readings[part..<min(part + 50, readings.count)]))
                #expect(throws: StoreFault.self) { try recorder.commit(now: end) }
            }
            var stored: [Int] = []
            while recorder.holdsAny, stored.count < 300 {
                try store.limit(morePages: stored.count / 4)
                try? recorder.commit(now: end)
                stored.append(
                    try store.read { reader in try (0..<3).map { try reader.readings($0, in: .all).count } }.reduce(
                        0, +))
            }
            #expect(Set(stored).count > 3 && stored == stored.sorted(), "\(stored)")
            #expect(stored.last == readings.count)
            try recorder.finish()
            defer { try? store.close() }
            return try FinalRecord.lines(store, plant)
        }
        let differences = FinalRecord.differences(lines, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("a plant whose successor was refused goes on from the store alone, and ends as if nothing had been")
    func refusedSuccessor() throws {
        let readings = Self.recording(seed: 22)
        let whole = try Self.run([readings], restarting: false)
        let lines = try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let other = try FinalRecord.plant(
                Self.configuration.replacing("      p: {kind", with: "      a: {kind: gauge}\n      p: {kind"),
                in: directory)
            #expect(other.plan.points.count == plant.plan.points.count + 1)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: readings[0].time)
            for (index, reading) in readings.enumerated() {
                recorder.hold([reading])
                guard index % 97 == 50 else { continue }
                try recorder.commit(now: reading.time)
                let next = Recorder(store: store, plant: other, isLive: true)
                try next.start(now: reading.time)
                #expect(store.names.points.count == other.plan.points.count)
                recorder.distrust()
                try recorder.commit(now: reading.time)
                #expect(store.names.points.count == plant.plan.points.count)
            }
            try recorder.commit(now: readings[readings.count - 1].time)
            try recorder.finish()
            defer { try? store.close() }
            return try FinalRecord.lines(store, plant)
        }
        let differences = FinalRecord.differences(lines, whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("what somebody is to be told is due for a commit at once, what only goes on well is not")
    func due() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let recorder = Recorder(store: store, plant: plant, isLive: true)
            let start: Int64 = 1_792_886_400_000
            try recorder.start(now: Instant(milliseconds: start))
            var dues: [Int64] = []
            var windows: [Int] = []
            for minute in Int64(0)..<120 {
                let time = Instant(milliseconds: start + minute * 60_000)
                recorder.hold([Reading(0, time, minute < 60 ? 40 : 90), Reading(2, time, 0)])
                if recorder.isCommitDue {
                    dues.append(minute)
                    try recorder.commit(now: time)
                    windows.append(recorder.summary.windows)
                }
            }
            // The first reading begins the record; `lazy`, which has a guard, and the second window over the limit.
            #expect(dues.first == 0)
            #expect(dues.contains { $0 > 90 && $0 <= 91 })
            #expect(dues.count < 12, "\(dues)")
            #expect(try store.read { try $0.openNonconformities() }.map(\.objective) == ["limit"])
            try store.close()
        }
    }

    @Test(
        "readings that come late, in any order, end as if they had come in order", arguments: [5, 6, 7, 8] as [UInt64])
    func lateReadings(seed: UInt64) throws {
        let readings = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 99)
        let whole = try Self.run([readings], restarting: false)
        let shuffled = Self.batches(of: readings, &numbers).shuffled(using: &numbers)
        let differences = FinalRecord.differences(try Self.run(shuffled, restarting: false), whole)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("corrections end as if the corrected values had been read at once", arguments: [9, 10] as [UInt64])
    func corrections(seed: UInt64) throws {
        let truth = Self.recording(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 11)
        var wrong = truth
        var corrected: [Reading] = []
        for index in truth.indices where truth[index].point == 0 && Int.random(in: 0..<12, using: &numbers) == 0 {
            wrong[index] = Reading(0, truth[index].time, 500)
            corrected.append(truth[index])
        }
        #expect(!corrected.isEmpty)
        let put = try Self.run([wrong, corrected], restarting: false)
        let differences = FinalRecord.differences(put, try Self.run([truth], restarting: false))
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    @Test("the same readings once more change nothing, not even the journal")
    func twice() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try Self.plant(in: directory)
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let readings = Self.recording(seed: 12)
            func head() throws -> String {
                let recorder = Recorder(store: store, plant: plant, isLive: false)
                try recorder.start()
                try recorder.record(readings)
                try recorder.finish()
                return try store.read { try $0.journalHead().hash }
            }
            let first = try head()
            let before = try FinalRecord.lines(store, plant)
            #expect(try head() == first)
            #expect(try FinalRecord.lines(store, plant) == before)
            try store.close()
        }
    }

    @Test("a counter goes on over a restart also where the next window begins only after it")
    func betweenWindows() throws {
        let configuration = """
            site: {name: Test works, timezone: Europe/Stockholm}
            meters: {m: {interval: 10m, points: {e: {kind: counter, unit: kWh, max_rate: 500}}}}
            indicators: {day: {window: 24h, every: 1d, formula: delta(m.e)}}
            """
        // The day has 25 hours: the window after this midnight begins an hour later.
        let midnight = try #require(Instant("2026-10-24T22:00:00Z"))
        func readings(_ values: [Double], from minute: Int64) -> [(String, Instant, Double)] {
            values.enumerated().map { ("m.e", midnight + (minute + Int64($0.offset) * 10) * 60_000, $0.element) }
        }
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration)
            try works.record(readings([100, 101, 102, 103], from: -20))
            try works.change(configuration)
            try works.record(readings([90_000, 104, 105], from: 20))
            let rows = try works.store.read { try $0.ledger(0, in: Window(start: midnight, end: midnight + 3_600_000)) }
            #expect(rows.map(\.verdict) == [.glitch])
            #expect(rows.first?.advance == 1)
            try works.store.close()
        }
    }
}
