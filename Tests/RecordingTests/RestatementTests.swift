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

@Suite("Definitions that restate, and what reaches back into definitions that ended")
struct RestatementTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z
    private static func at(_ minutes: Int) -> Instant { start + Int64(minutes) * 60_000 }

    private static func configuration(
        points: String = "p: {kind: gauge, unit: kW}, e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}",
        indicators: String, objectives: String = "{}"
    ) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters: {m: {interval: 5m, points: {\(points)}}}
        indicators: {\(indicators)}
        objectives: \(objectives)
        """
    }

    private func readings(
        _ minutes: ClosedRange<Int>, _ value: (Int) -> Double = { _ in 20 }
    ) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: 5).flatMap { minute in
            [("m.p", Self.at(minute), value(minute)), ("m.e", Self.at(minute), 1000 + Double(minute))]
        }
    }

    private func inWorks(_ configuration: String, _ body: (ChangingWorks) throws -> Void) throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration)
            try body(works)
            try works.store.close()
        }
    }

    @Test(
        "a formula with a date and a unit restates what earlier definitions closed, judged by the demand now in force")
    func unit() throws {
        let from = Self.at(60).text
        func configuration(_ formula: String, _ budget: Double) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: \(formula), unit: kWh}",
                objectives: "{o: {indicator: a, budget: \(budget), per: 1w}}")
        }
        try inWorks(configuration("delta(m.e)", 1000)) { works in
            try works.record(readings(0...120))
            try works.change(configuration("delta(m.e) + 0", 1000))
            try works.record(readings(125...180))
            #expect(try works.verdicts("o").allSatisfy { $0.verdict == .met || $0.verdict == .warning })
            let dated = "[delta(m.e), {from: \"\(from)\", formula: delta(m.e) / 1000, unit: MWh}]"
            try works.change(configuration(dated, 0.05))
            try works.record(readings(185...240))
            let values = try works.values("a")
            #expect(values.filter { $0.window.start < Self.at(60) }.allSatisfy { $0.value == 15 && $0.revision == 1 })
            #expect(values.filter { $0.window.start >= Self.at(60) }.allSatisfy { $0.value == 0.015 })
            // The period also holds windows in kWh, from before the date.
            let verdicts = try works.verdicts("o")
            #expect(verdicts.filter { $0.window.end <= Self.at(60) }.allSatisfy { $0.limit == 1000 })
            let restated = verdicts.filter { $0.window.start >= Self.at(60) }
            #expect(restated.count == 12)
            #expect(restated.allSatisfy { $0.verdict == .notEvaluable && $0.reason == .definitionChanged })
            #expect(restated.allSatisfy { $0.limit == 0.05 })
        }
    }

    @Test("where a date reaches back before a changed demand, what it restates is judged by the demand now in force")
    func demand() throws {
        func configuration(_ formula: String, _ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: \(formula)}", objectives: "{o: {indicator: a, max: \(max)}}")
        }
        try inWorks(configuration("mean(m.p)", 30)) { works in
            try works.record(readings(0...120))
            try works.change(configuration("mean(m.p)", 50))
            try works.record(readings(125...180))
            try works.change(
                configuration("[mean(m.p), {from: \"\(Self.at(60).text)\", formula: mean(m.p) * 2}]", 50))
            let verdicts = try works.verdicts("o")
            // By the demand of its time 40 would be over 30.
            #expect(verdicts.filter { $0.window.start >= Self.at(60) }.allSatisfy { $0.value == 40 && $0.limit == 50 })
            #expect(verdicts.filter { $0.window.start < Self.at(60) }.allSatisfy { $0.value == 20 && $0.limit == 30 })
            #expect(try works.nonconformities().isEmpty)
            #expect(try works.journal("value.revised").count == 8)
        }
    }

    @Test("an advance that ends after an indicator was taken out still belongs to its last windows")
    func lateAdvance() throws {
        let other = "b: {window: 1h, formula: mean(m.p)}"
        let both = Self.configuration(indicators: "a: {window: 15m, formula: delta(m.e)}, " + other)
        try inWorks(both) { works in
            try works.record(readings(0...55))
            try works.record([("m.p", Self.at(60), 20)])
            try works.change(Self.configuration(indicators: other))
            try works.record(readings(65...90))
            try works.change(both)
            let last = try #require(try works.values("a").first { $0.window.end == Self.at(60) })
            #expect(last.value == 15 && last.revision == 2)
        }
    }

    @Test("a late reading is judged again by the demand of its time, also where a later version ended the indicator")
    func earlierDemand() throws {
        func configuration(_ formula: String, _ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: \(formula)}", objectives: "{o: {indicator: a, max: \(max)}}")
        }
        try inWorks(configuration("max(m.p)", 25)) { works in
            try works.record(readings(0...60))
            try works.change(configuration("max(m.p)", 50))
            try works.record(readings(65...120))
            try works.change(configuration("min(m.p)", 50))
            try works.record(readings(125...180))
            try works.record([("m.p", Self.at(32), 30)])
            let judged = try #require(try works.verdicts("o").first { $0.window.end == Self.at(45) })
            #expect(judged.verdict == .notMet && judged.value == 30 && judged.limit == 25)
        }
    }

    @Test("an exchange is a fact of its time: declared by a later configuration it counts in windows of earlier ones")
    func exchange() throws {
        func configuration(_ exchanges: String, _ formula: String) -> String {
            Self.configuration(
                points: "p: {kind: gauge}, e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m\(exchanges)}",
                indicators: "a: {window: 15m, formula: \(formula)}")
        }
        try inWorks(configuration("", "delta(m.e)")) { works in
            try works.record(readings(0...60))
            try works.change(configuration("", "delta(m.e) * 2"))
            try works.record(readings(65...90))
            let time = Self.at(33).text
            try works.change(
                configuration(", exchanges: [{time: \"\(time)\", closing: 1040, opening: 1025}]", "delta(m.e) * 2"))
            let changed = try #require(try works.values("a").first { $0.window.end == Self.at(45) })
            #expect(changed.value == 30 && changed.revision == 2)
        }
    }

    @Test("a record that begins earlier by a late reading gains the windows of definitions that ended as well")
    func earlierBeginning() throws {
        func configuration(_ formula: String) -> String {
            Self.configuration(indicators: "a: {window: 15m, formula: \(formula)}")
        }
        try inWorks(configuration("delta(m.e)")) { works in
            try works.record(readings(60...120))
            try works.change(configuration("delta(m.e) * 2"))
            try works.record(readings(125...180))
            #expect(try works.values("a").first?.window.start == Self.at(60))
            // The indicator does not use this point.
            try works.record([("m.p", Self.at(20), 20)])
            let values = try works.values("a")
            #expect(values.map(\.window.start).prefix(3) == [Self.at(15), Self.at(30), Self.at(45)])
            #expect(values.first?.status == .insufficient)
        }
    }
}
