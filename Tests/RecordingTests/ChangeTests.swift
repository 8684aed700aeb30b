import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKit
import Storage
import TestKit
import Testing

@Suite("Configurations that take each other's place")
struct ChangeTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z
    private static func at(_ minutes: Int) -> Instant { start + Int64(minutes) * 60_000 }

    private static func configuration(
        points: String = "p: {kind: gauge, unit: kW}, e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}",
        meter: String = "m", indicators: String, objectives: String = "{}"
    ) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters: {\(meter): {interval: 5m, points: {\(points)}}}
        indicators: {\(indicators)}
        objectives: \(objectives)
        """
    }

    private func readings(
        _ minutes: ClosedRange<Int>, every step: Int = 5, meter: String = "m",
        _ value: (Int) -> Double = { Double($0 % 7) }
    ) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: step).flatMap { minute in
            [
                ("\(meter).p", Self.at(minute), value(minute)),
                ("\(meter).e", Self.at(minute), 1000 + Double(minute)),
            ]
        }
    }

    private func inWorks(_ configuration: String, _ body: (ChangingWorks) throws -> Void) throws {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration)
            try body(works)
            try works.store.close()
        }
    }

    private func text(_ value: IndicatorValue) -> String {
        "\(value.window.start) \(value.window.end) \(value.value.map { "\($0)" } ?? "-") \(value.status.text)"
    }

    @Test("a quarter-hour changed to an hour, and back: the old ends by then, the new is whole, and nothing is between")
    func windows() throws {
        try inWorks(Self.configuration(indicators: "a: {window: 15m, formula: mean(m.p)}")) { works in
            try works.record(readings(0...615))  // 02:00 to 12:15 local, windows to 10:15Z
            try works.change(Self.configuration(indicators: "a: {window: 1h, formula: mean(m.p)}"))
            try works.record(readings(620...680))
            let after = try works.values("a").filter { $0.window.end > Self.at(600) }.map(\.window)
            #expect(after.first == Window(start: Self.at(600), end: Self.at(615)))
            #expect(after.dropFirst().first == Window(start: Self.at(600), end: Self.at(660)))
            try works.change(
                Self.configuration(
                    indicators: "a: {window: 15m, formula: mean(m.p)}", objectives: "{o: {indicator: a, max: 100}}"))
            try works.record(readings(685...700))
            let windows = try works.values("a").filter { $0.window.end > Self.at(660) }.map(\.window)
            #expect(windows.first == Window(start: Self.at(660), end: Self.at(675)))
            #expect(windows.last == Window(start: Self.at(675), end: Self.at(690)))
            #expect(try works.verdicts("o").map(\.window.end) == [Self.at(690)])
        }
    }

    @Test("the configuration in force again writes nothing; each that comes into force is kept whole, with who and why")
    func kept() throws {
        let first = Self.configuration(indicators: "a: {window: 15m, formula: mean(m.p)}")
        let second = Self.configuration(
            indicators: "a: {window: 15m, formula: max(m.p)}", objectives: "{o: {indicator: a, max: 3}}")
        try inWorks(first) { works in
            try works.record(readings(0...100))
            let head = try works.store.read { try $0.journalHead().hash }
            try works.change(first)
            #expect(try works.store.read { try $0.journalHead().hash } == head)
            try works.change(second, reason: "work order 7")
            try works.record(readings(105...200))
            let lines = try works.journal("configuration\"")
            #expect(lines.count == 2)
            #expect(lines[1].contains("\"by\":\"anna\"") && lines[1].contains("\"reason\":\"work order 7\""))
            #expect(lines[1].contains("\"from\":\"\(Self.at(100).text)\""))
            let definitions = try works.journal("definition.")
            #expect(
                definitions.contains {
                    $0.contains("\"before\":{\"formula\":\"mean(m.p)\"},\"after\":{\"formula\":\"max(m.p)\"}")
                })
            #expect(definitions.contains { $0.contains("definition.new") && $0.contains("\"name\":\"o\"") })
            let kept = try works.store.read { try $0.files(ofVersion: 1).first?.bytes }
            #expect(kept == Array(first.utf8))
            var versions: [Int?] = []
            try works.store.read { try $0.versionedValues(0) { versions.append($1) } }
            #expect(Set(versions) == [1, 2] && versions == versions.sorted { $0 ?? 0 < $1 ?? 0 })
        }
    }

    @Test("a limit set up within an episode goes on under the new demand until windows met under it clear it")
    func limitUp() throws {
        func configuration(_ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: mean(m.p)}",
                objectives: "{o: {indicator: a, max: \(max), for: 2, clear_after: 2}}")
        }
        try inWorks(configuration(10)) { works in
            try works.record(readings(0...120) { _ in 20 })
            #expect(try works.nonconformities().map(\.condition) == [.ongoing])
            try works.change(configuration(30))
            #expect(try works.nonconformities()[0].laterDemands.count == 1)
            try works.record(readings(125...151) { _ in 25 })
            let found = try works.nonconformities()
            #expect(found.map(\.condition) == [.cleared] && found[0].clearedAt == Self.at(150))
            #expect(found[0].peak == 20 && found[0].limit == 10)
            #expect(
                found[0].definition.contains("\"max\":10") && found[0].laterDemands[0].definition.contains("\"max\":30")
            )
            #expect(try works.journal("nc.demand_changed").count == 1)
            // The verdicts before stay what they were.
            #expect(
                try works.verdicts("o").filter { $0.window.end <= Self.at(120) }.allSatisfy { $0.verdict == .notMet })
        }
    }

    @Test("an unfinished row begins anew under another demand")
    func rows() throws {
        func configuration(_ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: mean(m.p)}",
                objectives: "{o: {indicator: a, max: \(max), for: 3}}")
        }
        try inWorks(configuration(10)) { works in
            try works.record(readings(0...32) { _ in 20 })
            try works.change(configuration(12))
            try works.record(readings(35...62) { _ in 20 })
            #expect(try works.nonconformities().isEmpty)
            try works.record(readings(65...77) { _ in 20 })
            let found = try works.nonconformities()
            #expect(found.map(\.onset) == [Self.at(30)] && found[0].raisedAt == Self.at(75))
        }
    }

    @Test(
        "what lasted of an objective that is taken out ends as withdrawn, and is not raised or ended again when it comes back"
    )
    func withdrawn() throws {
        let indicators = "a: {window: 15m, formula: mean(m.p)}"
        let with = Self.configuration(indicators: indicators, objectives: "{o: {indicator: a, max: 10}}")
        try inWorks(with) { works in
            try works.record(readings(0...60) { _ in 20 })
            try works.change(Self.configuration(indicators: indicators))
            let found = try works.nonconformities()
            #expect(found.map(\.condition) == [.withdrawn] && found[0].withdrawnAt == Self.at(60))
            #expect(found[0].clearedAt == nil && found[0].state == "open")
            #expect(try works.journal("nc.withdrawn").count == 1)
            try works.record(readings(65...90) { _ in 20 })
            try works.change(with)
            try works.record(readings(95...120) { _ in 20 })
            let both = try works.nonconformities()
            #expect(both.map(\.condition) == [.withdrawn, .ongoing])
            #expect(both[1].onset == Self.at(90) && both[0].withdrawnAt == Self.at(60))
            #expect(try works.verdicts("o").map(\.window.end).filter { $0 > Self.at(60) && $0 <= Self.at(90) }.isEmpty)
        }
    }

    @Test("with 'was' meter, points, indicator and objective carry everything on under their new names")
    func renamed() throws {
        let old = Self.configuration(
            indicators: "a: {window: 15m, formula: mean(m.p)}, s: {window: 1h, formula: delta(m.e)}",
            objectives: "{o: {indicator: a, max: 10}}")
        let new = Self.configuration(
            points: "q: {kind: gauge, unit: kW, was: p}, e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m}",
            meter: "n",
            indicators: "b: {was: a, window: 15m, formula: mean(n.q)}, s: {window: 1h, formula: delta(n.e)}",
            objectives: "{r: {was: o, indicator: b, max: 10}}"
        ).replacing("interval: 5m,", with: "was: m, interval: 5m,")
        try inWorks(old) { works in
            try works.record(readings(0...60) { _ in 20 })
            try works.change(new)
            #expect(try works.journal("definition.renamed").count == 5)
            #expect(try works.nonconformities().map(\.objective) == ["r"])
            let later = readings(65...120, meter: "n") { $0 < 90 ? 20 : 1 }.map {
                ($0.0 == "n.p" ? "n.q" : $0.0, $0.1, $0.2)
            }
            try works.record(later)
            let found = try works.nonconformities()
            #expect(found.count == 1 && found[0].condition == .cleared && found[0].laterDemands.isEmpty)
            #expect(try works.values("b").count == 8 && works.verdicts("r").count == 8)
            #expect(try works.values("s").map(\.value) == [60, 60])
            // Left standing, it has no effect.
            try works.change(new + "\n# again")
            try works.record([("n.q", Self.at(125), 1), ("n.q", Self.at(135), 1)])
            #expect(try works.journal("definition.renamed").count == 5)
        }
    }

    @Test("a data nonconformity follows its breach to the new name, and ends as withdrawn with it")
    func dataNonconformity() throws {
        func configuration(_ objectives: String) -> String {
            Self.configuration(indicators: "a: {window: 15m, formula: mean(m.p)}", objectives: objectives)
        }
        try inWorks(configuration("{o: {indicator: a, max: 10}}")) { works in
            try works.record(readings(0...60) { _ in 20 })
            let breach = try #require(try works.nonconformities().first)
            let data = breach.dataNonconformity(
                id: "NC-2026-0099", at: Self.at(60), configurationDigest: breach.configurationDigest)
            try works.store.write { try $0.put(data) }
            try works.change(configuration("{new: {indicator: a, max: 10, was: o}}"))
            #expect(try works.nonconformities().map(\.objective) == ["new", "new/data"])
            try works.change(configuration("{}"))
            #expect(try works.nonconformities().map(\.condition) == [.withdrawn, .withdrawn])
            #expect(try works.nonconformities().map(\.withdrawnAt) == [Self.at(60), Self.at(60)])
        }
    }

    @Test("without 'was' it is another thing; the old one keeps its history")
    func notRenamed() throws {
        try inWorks(Self.configuration(indicators: "a: {window: 15m, formula: mean(m.p)}")) { works in
            try works.record(readings(0...60))
            try works.change(Self.configuration(indicators: "b: {window: 15m, formula: mean(m.p)}"))
            try works.record(readings(65...90))
            // A new one has its whole past.
            #expect(try works.values("b").count == 6)
            #expect(try works.journal("definition.gone").count == 1 && works.journal("definition.new").count == 1)
        }
    }

    @Test("a budget does not go on from kWh to MWh: its period is not evaluable, the next one is")
    func budget() throws {
        func configuration(_ formula: String, _ unit: String, _ budget: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 1h, formula: \(formula), unit: \(unit)}",
                objectives: "{o: {indicator: a, budget: \(budget), per: 1d}}")
        }
        try inWorks(configuration("delta(m.e)", "kWh", 10_000)) { works in
            try works.record(readings(0...600))
            try works.change(configuration("delta(m.e) / 1000", "MWh", 10))
            try works.record(readings(605...1500))
            let verdicts = try works.verdicts("o")
            let midnight = Self.at(22 * 60)
            let ofDay = verdicts.filter { $0.window.end > Self.at(600) && $0.window.end <= midnight }
            #expect(!ofDay.isEmpty)
            #expect(ofDay.allSatisfy { $0.verdict == .notEvaluable && $0.reason == .definitionChanged })
            let next = verdicts.filter { $0.window.end > midnight }
            #expect(!next.isEmpty && next.allSatisfy { $0.verdict == .met && $0.reason == nil })
            #expect(verdicts.first?.verdict == .met)
        }
    }

    @Test("an indicator over another does not add windows of another unit or other windows")
    func sums() throws {
        func configuration(_ window: String) -> String {
            Self.configuration(
                indicators:
                    "a: {window: \(window), formula: delta(m.e), unit: kWh}, t: {window: 4h, formula: sum(a), unit: kWh}"
            )
        }
        try inWorks(configuration("15m")) { works in
            try works.record(readings(0...615))
            try works.change(configuration("1h"))
            try works.record(readings(620...1200))
            let values = try works.values("t")
            let changed = try #require(values.first { $0.window.start < Self.at(615) && $0.window.end > Self.at(615) })
            #expect(changed.status == .undefined && changed.flags.contains(.definitionChanged))
            #expect(
                values.filter { $0.window.start >= Self.at(0) && $0.window != changed.window }.allSatisfy {
                    $0.value == 240
                })
        }
    }

    @Test("a scale that changes without a date makes the window at that time insufficient, and the counter begins anew")
    func scale() throws {
        func configuration(_ scale: String) -> String {
            Self.configuration(
                points:
                    "p: {kind: gauge, register: holding 0, type: uint16, unit: kW, scale: \(scale)}, e: {kind: counter, "
                    + "register: holding 2, type: uint32, unit: kWh, max_rate: 500, max_gap: 20m, scale: \(scale)}",
                indicators: "a: {window: 1h, formula: delta(m.e)}, b: {window: 1h, formula: mean(m.p)}")
        }
        try inWorks(configuration("1")) { works in
            try works.record(readings(0...90))
            try works.change(configuration("0.1"))
            try works.record(readings(95...245).map { ($0.0, $0.1, $0.2 / 10) })
            for name in ["a", "b"] {
                let values = try works.values(name)
                #expect(values.map(\.status) == [.valid, .insufficient, .valid, .valid], "\(name)")
            }
            #expect(try works.values("a")[2].value == 6)
            #expect(try works.store.read { try $0.ledger() }.isEmpty)
        }
    }

    @Test(
        "a reading that comes late is taken in by the rule that closed its window, and verdicts by the demand of their time"
    )
    func late() throws {
        func configuration(_ formula: String, _ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: \(formula)}", objectives: "{o: {indicator: a, max: \(max)}}")
        }
        try inWorks(configuration("max(m.p)", 10)) { works in
            try works.record(readings(0...120) { _ in 5 })
            try works.change(configuration("min(m.p)", 3))
            try works.record(readings(125...180) { _ in 2 })
            #expect(try works.nonconformities().isEmpty)
            try works.record([("m.p", Self.at(50), 11)])
            let changed = try #require(try works.values("a").first { $0.window.end == Self.at(60) })
            #expect(changed.value == 11 && changed.revision == 2)
            let found = try works.nonconformities()
            #expect(found.map(\.onset) == [Self.at(45)] && found[0].limit == 10 && found[0].version == 1)
            #expect(found[0].clearedAt == Self.at(75))
        }
    }

    @Test("a late reading in the time of an earlier demand is judged by that, where only the demand changed")
    func lateUnderEarlierDemand() throws {
        func configuration(_ max: Int) -> String {
            Self.configuration(
                indicators: "a: {window: 15m, formula: max(m.p)}", objectives: "{o: {indicator: a, max: \(max)}}")
        }
        try inWorks(configuration(10)) { works in
            try works.record(readings(0...120) { _ in 5 })
            try works.change(configuration(30))
            try works.record(readings(125...180) { _ in 2 })
            try works.record([("m.p", Self.at(50), 20)])
            let found = try works.nonconformities()
            #expect(found.map(\.onset) == [Self.at(45)] && found[0].limit == 10 && found[0].version == 1)
            #expect(found[0].condition == .cleared && found[0].clearedAt == Self.at(75))
        }
    }

    @Test(
        "whatever changes: windows that ended by then are the old definition's, later ones the new one's",
        arguments: Soak.some(12))
    func random(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed &* 7919)
        func any<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &numbers)] }
        func plan() -> String {
            let windows = ["15m", "30m", "1h", "2h", "1d"]
            let counters = ["max_rate: 500", "max_rate: 500, modulus: 5000"]
            let demands = ["", ", min_coverage: 0.5", ", min_count: 3", ", grace: 10m"]
            let gap = any(["15m", "20m", "40m"])
            return Self.configuration(
                points:
                    "p: {kind: gauge, unit: kW, max_gap: \(gap)}, e: {kind: counter, unit: kWh, \(counters[0]), max_gap: \(gap)}",
                indicators:
                    "a: {window: \(any(windows)), formula: \(any(["mean(m.p)", "max(m.p)", "integral(m.p) / 2"]))\(any(demands))}, "
                    + "b: {window: \(any(windows)), formula: delta(m.e)\(any(demands))}, "
                    + "c: {window: \(any(windows)), formula: delta(m.e) / integral(m.p)}")
        }
        let (old, new) = (plan(), plan())
        let all = readings(0...2000, every: 5) { _ in Double(Int.random(in: 0...40, using: &numbers)) }
            .filter { _ in Int.random(in: 0..<6, using: &numbers) > 0 }
        let cut = Int.random(in: all.count / 4..<all.count * 3 / 4, using: &numbers)
        func alone(_ configuration: String) throws -> [String: [IndicatorValue]] {
            var found: [String: [IndicatorValue]] = [:]
            try inWorks(configuration) { works in
                try works.record(all)
                for name in ["a", "b", "c"] { found[name] = try works.values(name) }
            }
            return found
        }
        let (byOld, byNew) = (try alone(old), try alone(new))
        try inWorks(old) { works in
            try works.record(Array(all[..<cut]))
            let since = try #require(all[..<cut].map(\.1).max())
            try works.change(new)
            try works.record(Array(all[cut...]))
            for name in ["a", "b", "c"] {
                let first = (byOld[name] ?? []).filter { $0.window.end <= since }
                let lastEnd = first.last?.window.end ?? .distantPast
                let expected = first + (byNew[name] ?? []).filter { $0.window.end > lastEnd }
                let isSame = plantIsSame(old, new, name)
                let found = try works.values(name)
                let wanted = isSame ? (byNew[name] ?? []) : expected
                #expect(found.map(text) == wanted.map(text), "\(name), \(old) \(new)")
            }
        }
    }

    private func plantIsSame(_ old: String, _ new: String, _ name: String) -> Bool { old == new }
}
