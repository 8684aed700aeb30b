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

@Suite("Revisions: what was judged is judged again, once, as far as it can differ")
struct RevisionRecordingTests {
    private static let start = Instant(milliseconds: 1_767_225_600_000)
    private static func hour(_ hours: Double) -> Instant { start + Int64(hours * 3_600_000) }

    /// A store with a recorder over it, which a new configuration replaces as a restart does.
    private final class Works {
        let store: PlantStore
        let directory: String
        private(set) var plant: Plant
        private(set) var recorder: Recorder

        init(_ directory: String, _ configuration: String) throws {
            self.directory = directory
            plant = try FinalRecord.plant(configuration, in: directory)
            store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
        }

        func restart(_ configuration: String) throws {
            plant = try FinalRecord.plant(configuration, in: directory)
            recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
        }

        func record(_ readings: [Reading]) throws { try recorder.record(readings) }

        func nonconformities() throws -> [Nonconformity] { try store.read { try $0.nonconformities() } }

        func verdicts(_ objective: Int = 0) throws -> [JudgedWindow] { try store.read { try $0.verdicts(objective) } }

        func values(_ name: String) throws -> [Double?] {
            let index = try #require(plant.plan.indicators.firstIndex { $0.name == name })
            var values: [Double?] = []
            try store.read { try $0.values(index) { values.append($0.value) } }
            return values
        }

        func journal(_ type: String) throws -> [String] {
            var lines: [String] = []
            try store.read { try $0.journal { if $0.line.contains("\"type\":\"\(type)\"") { lines.append($0.line) } } }
            return lines
        }

        func alerts() throws -> [String] { try store.read { try $0.alerts(after: 0, limit: 1000).map(\.json) } }
    }

    private static func works(
        _ points: String, _ indicators: String, _ objectives: String, _ body: (Works) throws -> Void
    ) throws {
        try FinalRecord.inDirectory { directory in
            let works = try Works(directory, configuration(points, indicators, objectives))
            try body(works)
            try works.store.close()
        }
    }

    private static func configuration(_ points: String, _ indicators: String, _ objectives: String) -> String {
        """
        site: {name: Test works, timezone: UTC}
        meters:
          m: {interval: 30m, points: {\(points)}}
        indicators: {\(indicators)}
        objectives: {\(objectives)}
        """
    }

    private static func gauge(_ values: [Double], every step: Double = 0.5, point: PointIndex = 0) -> [Reading] {
        values.enumerated().map { Reading(point, hour(Double($0) * step), $1) }
    }

    @Test("an objective that comes over an indicator already in breach raises with the next window, whatever its name")
    func addedInBreach() throws {
        let (points, indicators) = ("p: {kind: gauge}", "mean: {window: 1h, formula: mean(m.p)}")
        func high(_ first: Int64) -> [Reading] {
            Self.gauge([20, 20, 20, 20]).map { Reading(0, $0.time + first * 3_600_000, $0.value) }
        }
        try Self.works(points, indicators, "") { works in
            try works.record(Self.gauge(Array(repeating: 20, count: 12)))
            try works.restart(Self.configuration(points, indicators, "o: {indicator: mean, max: 10}"))
            #expect(try works.nonconformities().isEmpty)
            try works.record(high(6))
            #expect(try works.nonconformities().map(\.objective) == ["o"])
            #expect(try works.nonconformities().first?.onset == Self.hour(5))
            #expect(try works.nonconformities().first?.windows.count == works.verdicts().count)
            #expect(try works.alerts().filter { $0.contains("nonconformity_raised") }.count == 1)
            try works.restart(Self.configuration(points, indicators, "other: {indicator: mean, max: 10}"))
            #expect(try works.nonconformities().map(\.condition) == [.withdrawn])
            try works.record(high(8))
            #expect(try works.nonconformities().map(\.objective) == ["o", "other"])
            try works.record(high(10))
            #expect(try works.nonconformities().count == 2)
        }
    }

    @Test(
        "a late reading in the baseline period sets the target of every window after it, whichever way it is made",
        arguments: ["", ", method: whole"])
    func baseline(method: String) throws {
        let baseline = "{from: \"2026-01-01T00:00:00Z\", to: \"2026-01-01T06:00:00Z\"\(method)}"
        let objective = "less: {indicator: mean, reduction: 10%, baseline: \(baseline)}"
        try Self.works("p: {kind: gauge}", "mean: {window: 1h, formula: mean(m.p)}", objective) { works in
            try works.record(Self.gauge(Array(repeating: 100, count: 11), every: 1))
            #expect(try works.verdicts().last?.limit == 90)
            try works.record([Reading(0, Self.hour(0.5), 40)])
            #expect(try works.verdicts().filter { $0.window.start >= Self.hour(6) }.map(\.limit) == [85.5, 85.5, 85.5])
            #expect(try works.nonconformities().map(\.limit) == [85.5])
        }
    }

    @Test("where the record begins earlier, forecasts are made again to the end of the period that holds its beginning")
    func recordStart() throws {
        let points = "e: {kind: counter, unit: kWh, max_rate: 100}, p: {kind: gauge}"
        let objective = "day: {indicator: use, budget: 45, per: 1d}"
        try Self.works(points, "use: {window: 1h, formula: delta(m.e), unit: kWh}", objective) { works in
            let index: [Double] = [0, 0, 0, 8, 16, 24, 32, 32]
            try works.record(index.enumerated().map { Reading(0, Self.hour(12 + Double($0)), $1) })
            #expect(try works.verdicts().last?.verdict == .warning)
            try works.record([Reading(1, Self.hour(0), 1)])
            #expect(try works.verdicts().last?.verdict == .met)
            #expect(try works.verdicts().count == 18)
        }
    }

    @Test("late readings far apart in one long episode have its evidence collected again once")
    func longEpisode() throws {
        let indicator = "mean: {window: 1h, formula: mean(m.p)}"
        try Self.works("p: {kind: gauge}", indicator, "o: {indicator: mean, max: 10}") { works in
            try works.record(Self.gauge(Array(repeating: 20, count: 1200)))
            try works.record([50.25, 250.25, 450.25].map { Reading(0, Self.hour($0), 16) })
            let windows = try #require(try works.nonconformities().first).windows
            #expect(windows.count { $0.value == 18 } + windows.count { $0.value == 19 } == 3)
            #expect(windows.count { $0.revision == 2 } == 3)
            #expect(try works.journal("verdict.revised").isEmpty)
            #expect(try works.journal("nc.revised").count == 1)
        }
    }

    @Test("a warning after windows that say nothing is told once, whether or not there was a restart between them")
    func warningAfterNothing() throws {
        let configuration = Self.configuration(
            "p: {kind: gauge}", "mean: {window: 1h, formula: mean(m.p)}", "o: {indicator: mean, max: 10, warn: 8}")
        func told(before: Double, restarting: Bool) throws -> Int {
            try FinalRecord.inDirectory { directory in
                let works = try Works(directory, configuration)
                defer { try? works.store.close() }
                try works.record(Self.gauge(Array(repeating: before, count: 6)))
                let after =
                    [Reading(0, Self.hour(8), 9)]
                    + Self.gauge([9, 9, 9, 9, 9]).map {
                        Reading(0, $0.time + 10 * 3_600_000, $0.value)
                    }
                try works.record([after[0]])
                if restarting { try works.restart(configuration) }
                try works.record(Array(after.dropFirst()))
                #expect(try works.verdicts().contains { $0.verdict == .notEvaluable })
                return try works.alerts().count { $0.contains("\"event\":\"warning\"") }
            }
        }
        for isRestarted in [false, true] {
            #expect(try told(before: 5, restarting: isRestarted) == 1)
            #expect(try told(before: 9, restarting: isRestarted) == 1)
        }
    }

    @Test("the evidence has the points of the formula in force at its time, and no others")
    func pointsInForce() throws {
        let formula = "[mean(m.p), {from: \"2026-01-01T06:00:00Z\", formula: mean(m.q)}]"
        let (points, indicator) = ("p: {kind: gauge}, q: {kind: gauge}", "mean: {window: 1h, formula: \(formula)}")
        try Self.works(points, indicator, "o: {indicator: mean, max: 10, recurrence: 1h}") { works in
            let level: [Double] = [1, 1, 20, 20, 1, 1, 1, 1, 20, 20, 1, 1]
            try works.record(
                (Self.gauge(level, every: 1) + Self.gauge(level, every: 1, point: 1)).sorted { $0.time < $1.time })
            #expect(try works.nonconformities().map { $0.points.map(\.point) } == [["m.p"], ["m.q"]])
            // A late reading has the evidence collected again: by the same rule.
            try works.record([Reading(0, Self.hour(2.5), 30)])
            #expect(try works.nonconformities().map { $0.points.map(\.point) } == [["m.p"], ["m.q"]])
            #expect(try works.nonconformities().first?.points.first?.maximum == 30)
        }
    }

    @Test("after an outage of a counter the running sum of savings goes on from the revised one")
    func runningSum() throws {
        let points = "e: {kind: counter, max_gap: 1h, max_rate: 1000}, x: {kind: gauge, max_gap: 1h}"
        let indicators = """
            use: {window: 1h, formula: delta(m.e), unit: kWh, min_coverage: 0}, drive: {window: 1h, formula: mean(m.x)},
            saved: {unit: kWh, model: {of: use, drivers: [drive], from: 2026-01-01, to: 2026-01-02, gives: cusum}}
            """
        var numbers = SeededNumbers(seed: 4)
        var (total, readings): (Double, [Reading]) = (0, [])
        for slot in 0..<100 {
            let drive = Double(slot / 2 % 7) + 3
            readings.append(Reading(1, Self.hour(Double(slot) / 2), drive))
            if !(60..<72).contains(slot) { readings.append(Reading(0, Self.hour(Double(slot) / 2), total)) }
            total += drive * (slot < 48 ? 5 : 4) + Double.random(in: -0.1...0.1, using: &numbers)
        }
        try Self.works(points, indicators, "") { works in
            for reading in readings { try works.record([reading]) }
            let live = try works.values("saved")
            let whole = try FinalRecord.inDirectory { directory in
                let other = try Works(directory, Self.configuration(points, indicators, ""))
                for reading in readings {
                    try other.record([reading])
                    try other.restart(Self.configuration(points, indicators, ""))
                }
                defer { try? other.store.close() }
                return try other.values("saved")
            }
            #expect(live.count == whole.count && live.compactMap { $0 }.count > 20)
            for (a, b) in zip(live, whole) { #expect(abs((a ?? -1) - (b ?? -1)) < 1e-9) }
        }
    }

    @Test("evidence is that of the final revisions and says which; what was frozen at the raising stays beside it")
    func evidence() throws {
        let objective = "o: {indicator: mean, max: 10}"
        try Self.works("p: {kind: gauge}", "mean: {window: 1h, formula: mean(m.p)}", objective) { works in
            let values: [Double] = [5, 5, 20, 20, 15, 15, 12, 12, 5, 5, 5, 5]
            var readings = Self.gauge(values)
            let late = readings.remove(at: 5)
            try works.record(readings)
            let before = try #require(try works.nonconformities().first)
            #expect(before.windows.map(\.revision) == [1, 1, 1, 1])
            #expect(before.frozen?.windows.map(\.value) == [20])
            try works.record([Reading(0, late.time, 17)])
            let after = try #require(try works.nonconformities().first)
            #expect(after.windows.map(\.value) == [20, 16, 12, 5])
            #expect(after.windows.map(\.revision) == [1, 2, 1, 1])
            #expect(after.points.map(\.count) == [before.points[0].count + 1])
            #expect(after.peak == 20 && after.frozen == before.frozen)
            #expect(try works.journal("nc.revised").count == 1)
            // A late reading that changes no value is a reading all the same.
            try works.record([Reading(0, Self.hour(3.25), 12)])
            #expect(try works.nonconformities().first?.points.map(\.count) == [after.points[0].count + 1])
        }
    }

    @Test("a budget's running sums follow a late reading with one line of the journal, changed verdicts with one each")
    func runningSumsInJournal() throws {
        let objective = "year: {indicator: use, budget: 1000, per: 1y}"
        try Self.works("p: {kind: gauge}", "use: {window: 1h, formula: integral(m.p), unit: kWh}", objective) { works in
            try works.record(Self.gauge(Array(repeating: 2, count: 800)))
            let before = try works.verdicts()
            try works.record([Reading(0, Self.hour(50.25), 200)])
            let after = try works.verdicts()
            #expect(after.last?.value == (before.last?.value ?? 0) + 198 * 0.25)
            let turned = zip(before, after).count { $0.verdict != $1.verdict }
            #expect(try works.journal("value.revised").count == 1)
            #expect(try works.journal("verdict.revised").count == turned)
            #expect(try works.journal("verdict.restated").count == 1)
        }
    }
}
