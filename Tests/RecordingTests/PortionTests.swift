import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Storage
import Testing

@testable import Recording

@Suite("Long work in portions")
struct PortionTests {
    private static let start = Instant("2026-09-01T00:00:00Z")!

    private static func configuration(_ formula: String = "mean(m.p)") -> String {
        """
        site: {name: Works, timezone: Europe/Stockholm}
        meters:
          m:
            interval: 5m
            points:
              p: {kind: gauge, unit: kW}
              e: {kind: counter, unit: kWh, max_rate: 500}
        indicators:
          quarter: {window: 15m, formula: \(formula), unit: kW}
          day: {window: 1d, formula: sum(quarter), unit: kW}
          energy: {window: 1h, formula: delta(m.e), unit: kWh}
        objectives:
          limit: {indicator: quarter, max: 70, for: 2}
        """
    }

    private static func readings(days: Int) -> [Reading] {
        (0..<days * 288).flatMap { slot in
            let time = start + Int64(slot) * 300_000
            return [Reading(0, time, Double(slot % 50)), Reading(1, time, 1000 + Double(slot) * 5)]
        }
    }

    /// A live recorder over a store, as after a start.
    private static func recorder(_ store: PlantStore, _ plant: Plant) throws -> Recorder {
        let recorder = Recorder(store: store, plant: plant, isLive: true)
        try recorder.start(now: start)
        return recorder
    }

    @Test("a queue joins what overlaps for the same reason, and is read back as it was; what cannot be read is kept")
    func queue() throws {
        var queue = RecomputationQueue()
        func item(_ name: String, _ after: Int64, _ before: Int64, _ reason: String = "r") -> RecomputationQueue.Item {
            .init(indicator: name, after: after, before: before, reason: reason)
        }
        queue.add(item("a", 10, 20))
        queue.add(item("a", 15, 40))
        queue.add(item("b", 15, 40))
        queue.add(item("a", 41, 50))
        queue.add(item("a", 12, 14, "s"))
        #expect(queue.items == [item("a", 10, 40), item("b", 15, 40), item("a", 41, 50), item("a", 12, 14, "s")])
        try FinalRecord.inDirectory { directory in
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            try store.write { try queue.keep(in: $0) }
            #expect(try store.write { try RecomputationQueue(from: $0) { Issue.record("\($0)") } } == queue)
            try store.write { try $0.setNote("recomputation", "{nonsense") }
            var said = 0
            #expect(try store.write { try RecomputationQueue(from: $0) { _ in said += 1 } }.isEmpty && said == 1)
            #expect(try store.read { try $0.note("recomputation.unreadable") } == "{nonsense")
            try store.close()
        }
    }

    @Test("what a long absence leaves to close is closed in portions, and a kill in the middle goes on")
    func absence() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(Self.configuration(), in: directory)
            let before = Self.readings(days: 2)
            let back = before.last!.time + 366 * 86_400_000
            let after = (0..<20).flatMap {
                [
                    Reading(0, back + Int64($0) * 300_000, 60),
                    Reading(1, back + Int64($0) * 300_000, 9000 + Double($0)),
                ]
            }
            let whole = try PlantStore(directory: directory + "/whole", access: .owner(create: true, sync: .normal))
            let replay = Recorder(store: whole, plant: plant, isLive: false)
            try replay.start()
            try replay.record(before + after)
            try replay.finish()

            let store = try PlantStore(directory: directory + "/cut", access: .owner(create: true, sync: .normal))
            var recorder = try Self.recorder(store, plant)
            recorder.hold(before)
            try recorder.commit(now: before.last!.time)
            recorder.hold(after)
            #expect(recorder.timeToPass(to: back) != nil && recorder.held == after.count)
            var portions = 0
            while let target = recorder.timeToPass(to: back) {
                let reached = recorder.engine.clock
                // A year of windows would be computed, and held, for what is shown of the open ones.
                #expect(recorder.provisionalValues(at: back).isEmpty)
                _ = try recorder.passOn(to: target, now: back)
                #expect(recorder.engine.clock > reached)
                portions += 1
                // What waits is not lost by a commit that cannot take it yet.
                try recorder.commit(now: back)
                if portions % 8 == 0 {
                    recorder = try Self.recorder(store, plant)
                    recorder.hold(after)
                }
            }
            #expect(portions > 16)
            try recorder.commit(now: after.last!.time)
            #expect(!recorder.provisionalValues(at: after.last!.time + 1).isEmpty)
            #expect(recorder.held == 0)
            while recorder.isWorkLeft { try recorder.workOff(for: 20, now: back) }
            try recorder.finish()
            let differences = FinalRecord.differences(
                try FinalRecord.lines(store, plant), try FinalRecord.lines(whole, plant))
            #expect(differences.isEmpty, "\(differences.prefix(8)) of \(differences.count)")
            // Nothing of what the meter counted meanwhile is lost.
            var sum = 0.0
            try store.read { reader in try reader.values(2) { sum += $0.value ?? 0 } }
            #expect(abs(sum - (9019 - 1000)) < 25, "\(sum)")
            try store.close()
            try whole.close()
        }
    }

    @Test("a record of one instant goes on from that instant: live, in a replay, and where it is made once more")
    func oneInstant() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(Self.configuration(), in: directory)
            let first = [Reading(0, Self.start, 5), Reading(1, Self.start, 1000)]
            let later = Self.start + 100 * 86_400_000

            let live = try PlantStore(directory: directory + "/live", access: .owner(create: true, sync: .normal))
            let recorder = try Self.recorder(live, plant)
            recorder.hold(first)
            try recorder.commit(now: Self.start)
            #expect(recorder.engine.clock == Self.start)
            #expect(try live.read { try $0.clock() } == Self.start)
            var portions = 0
            while let target = recorder.timeToPass(to: later) {
                _ = try recorder.passOn(to: target, now: later)
                portions += 1
            }
            #expect(portions > 5)

            let replayed = try PlantStore(directory: directory + "/replay", access: .owner(create: true, sync: .normal))
            let replay = Recorder(store: replayed, plant: plant, isLive: false)
            try replay.start()
            try replay.record(first)
            try replay.finish(through: later)
            #expect(replay.reached == later)

            for end in [Self.start, later] {
                let store = try PlantStore(
                    directory: directory + "/made\(end.milliseconds)", access: .owner(create: true, sync: .normal))
                let before = Recorder(store: store, plant: plant, isLive: false)
                try before.start()
                try before.record(first)
                let retrace = Retrace(
                    [Retrace.Stage(version: 1, plant: plant, since: .distantPast, until: nil)], scratch: store,
                    from: nil,
                    through: end)
                try retrace.run()
                try retrace.finish()
                let made = try FinalRecord.lines(store, plant)
                #expect(made == (end == later ? try FinalRecord.lines(replayed, plant) : []))
                try store.close()
            }
            try live.close()
            try replayed.close()
        }
    }

    @Test(
        "a transaction that took long is followed by one that writes half as much, a quick one by one that may write more"
    )
    func pace() {
        var pace = WorkPace()
        let first = pace.values
        pace.noted(.milliseconds(90), values: first, findings: 0)
        #expect(pace.values == first / 2)
        pace.noted(.milliseconds(30), values: 10, findings: 0)
        #expect(pace.values == first / 2, "it was not the number of values that ended it")
        pace.noted(.milliseconds(30), values: pace.values, findings: pace.findings)
        #expect(pace.values == first * 3 / 4 && pace.findings == 16)
        for _ in 0..<20 { pace.noted(.seconds(1), values: pace.values, findings: pace.findings) }
        #expect(pace.values == 16 && pace.findings == 1)
    }

    @Test("a dated formula is carried out in pieces beside polling, and ends as if it had stood there from the start")
    func dated() throws {
        let readings = Self.readings(days: 45)
        let later = Self.configuration("[{formula: mean(m.p)}, {from: \"2026-09-03\", formula: 2 * mean(m.p)}]")
        try FinalRecord.inDirectory { directory in
            let old = try FinalRecord.plant(Self.configuration(), in: directory)
            let new = try FinalRecord.plant(later, in: directory)
            let whole = try PlantStore(directory: directory + "/whole", access: .owner(create: true, sync: .normal))
            let replay = Recorder(store: whole, plant: new, isLive: false)
            try replay.start()
            try replay.record(readings)
            try replay.finish()

            let store = try PlantStore(directory: directory + "/live", access: .owner(create: true, sync: .normal))
            var recorder = try Self.recorder(store, old)
            recorder.hold(readings)
            try recorder.commit(now: readings.last!.time)
            recorder = try Self.recorder(store, new)
            #expect(recorder.isWorkLeft)
            // However much time there is: what follows from the values, and the commit, come on top.
            try recorder.workOff(for: 60_000, now: readings.last!.time)
            #expect(recorder.isWorkLeft && (1..<400).contains(recorder.summary.revisions))
            var pieces = 0
            while recorder.isWorkLeft {
                try recorder.workOff(for: 1, now: readings.last!.time)
                pieces += 1
                // As a kill does, and a start after it.
                if pieces == 7 { recorder = try Self.recorder(store, new) }
                if pieces > 5000 { break }
            }
            #expect(pieces > 3 && !recorder.isWorkLeft)
            try recorder.finish()
            let differences = FinalRecord.differences(
                try FinalRecord.lines(store, new), try FinalRecord.lines(whole, new))
            #expect(differences.isEmpty, "\(differences.prefix(8)) of \(differences.count)")
            try store.close()
            try whole.close()
        }
    }
}
