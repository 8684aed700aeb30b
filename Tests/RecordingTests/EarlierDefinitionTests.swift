import Conformity
import Foundation
import Indicators
import Metering
import RecordKit
import Storage
import Testing

@testable import Recording

@Suite("What definitions made that ended: whose it is, and what comes late to it")
struct EarlierDefinitionTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z
    private static func at(_ minutes: Int) -> Instant { start + Int64(minutes) * 60_000 }

    private static func configuration(_ indicators: String, _ objective: String, derived: String = "{}") -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters: {m: {interval: 5m, points: {p: {kind: gauge}, q: {kind: gauge}, e: {kind: counter, unit: kWh}}}}
        derived: \(derived)
        indicators: {\(indicators)}
        objectives: {o: {\(objective)}}
        """
    }

    private func readings(
        _ minutes: ClosedRange<Int>, _ value: (Int) -> Double = { _ in 20 }
    ) -> [(String, Instant, Double)] {
        stride(from: minutes.lowerBound, through: minutes.upperBound, by: 5).flatMap { minute in
            [
                ("m.p", Self.at(minute), value(minute)), ("m.q", Self.at(minute), value(minute)),
                ("m.e", Self.at(minute), 1000 + Double(minute)),
            ]
        }
    }

    private func inWorks<T>(_ configuration: String, _ body: (ChangingWorks) throws -> T) throws -> T {
        try FinalRecord.inDirectory { directory in
            let works = try ChangingWorks(directory, configuration)
            let found = try body(works)
            try works.store.close()
            return found
        }
    }

    @Test("what a date restates is of the version that restated it, value and verdict, also where both say the same")
    func sameAsBefore() throws {
        let dated = "[mean(m.p), {from: \"\(Self.at(60).text)\", formula: mean(m.p) + 0}]"
        func configuration(_ formula: String) -> String {
            Self.configuration("a: {window: 15m, formula: \(formula)}", "indicator: a, max: 30")
        }
        try inWorks(configuration("mean(m.p)")) { works in
            try works.record(readings(0...120))
            try works.change(configuration(dated))
            try works.record(readings(125...180))
            var versions: [Instant: [Int?]] = [:]
            try works.store.read { reader in
                try reader.versionedValues(0) { value, version in versions[value.window.start] = [version] }
                try reader.versionedVerdicts(0) { judged, version in versions[judged.window.start]?.append(version) }
            }
            #expect(versions.count == 12)
            for (start, made) in versions { #expect(made == (start < Self.at(60) ? [1, 1] : [2, 2])) }
            #expect(try works.values("a").allSatisfy { $0.revision == 1 })
            #expect(try works.journal("value.revised").isEmpty && works.journal("verdict.").isEmpty)
        }
    }

    @Test("what a date puts right is repeated by none, of one objective judged again as of the other after it")
    func linkedAgain() throws {
        func configuration(_ formula: String) -> String {
            Self.configuration("a: {window: 5m, formula: \(formula)}", "indicator: a, max: 10")
                .replacingOccurrences(of: "o: {", with: "b: {indicator: a, max: 10}, o: {")
        }
        let dated = "[mean(m.p), {from: \"\(Self.at(0).text)\", formula: mean(m.p) - 5}]"
        try inWorks(configuration("mean(m.p)")) { works in
            // Three breaches, of which the second one is none of what is measured 5 lower.
            try works.record(readings(0...1500) { $0 < 180 && $0 % 60 < 30 ? $0 / 60 == 1 ? 12 : 20 : 2 })
            #expect(try works.nonconformities().map(\.recurrenceOf).compactMap(\.self).count == 4)
            try works.change(configuration(dated))
            try works.record(readings(1505...1540) { _ in 2 })
            for objective in ["b", "o"] {
                let all = try works.nonconformities().filter { $0.objective == objective }
                try #require(all.count == 3)
                #expect(all[1].isPutRight && all[2].recurrenceOf == all[0].id, "\(all.map(\.recurrenceOf))")
            }
        }
    }

    @Test("a late reading leaves what stays for a nonconformity of an objective that has another name since")
    func keptUnderAnotherName() throws {
        func configuration(_ window: String, _ objective: String) -> String {
            Self.configuration("a: {window: \(window), formula: mean(m.p)}", "")
                .replacingOccurrences(of: "{o: {}}", with: "{\(objective)}")
        }
        try inWorks(configuration("15m", "o: {indicator: a, max: 10}")) { works in
            try works.record(readings(0...120).filter { $0.1 != Self.at(30) })
            let before = try works.store.read { try $0.keptReadings(for: "NC-2026-0001")?.points }
            #expect(before == ["m.p", "m.q", "m.e"])
            try works.change(configuration("30m", "r: {indicator: a, max: 10, was: o}"))
            try works.record(readings(30...30) { _ in 25 } + readings(125...180))
            let found = try #require(try works.nonconformities().first)
            #expect(found.objective == "r" && found.windows[2].value == 65.0 / 3, "\(found.windows)")
            let after = try works.store.read { try $0.keptReadings(for: found.id)?.points }
            #expect(after == before)
        }
    }

    @Test("a date reaches back to where its indicator was first judged: verdicts about another stand")
    func otherIndicator() throws {
        let indicators = "a: {window: 15m, formula: mean(m.p)}, b: {window: 15m, formula: mean(m.d)}"
        let plain = "{m.d: {formula: \"m.p * 2\"}}"
        let dated = "{m.d: {formula: [\"m.p * 2\", {from: \"\(Self.at(60).text)\", formula: \"m.p * 4\"}]}}"
        try inWorks(Self.configuration(indicators, "indicator: a, max: 100", derived: plain)) { works in
            try works.record(readings(0...120))
            try works.change(Self.configuration(indicators, "indicator: b, max: 100", derived: plain))
            try works.record(readings(125...180))
            try works.change(Self.configuration(indicators, "indicator: b, max: 100", derived: dated))
            try works.record(readings(185...240))
            let values = try works.verdicts("o").map(\.value)
            #expect(values == Array(repeating: 20, count: 8) + Array(repeating: 80, count: 8))
        }
    }

    @Test("what a change leaves not evaluable shows the lowest tier's limit, whichever was broken")
    func tiers() throws {
        let formula = "[delta(m.e), {from: \"\(Self.at(300).text)\", formula: delta(m.e) / 1000, unit: MWh}]"
        let works = Self.configuration(
            "a: {window: 15m, formula: \(formula), unit: kWh}",
            "indicator: a, percentile: [{share: \"50%\", max: 5}, {share: \"90%\", max: 10}], per: 6h")
        try inWorks(works) { works in
            try works.record(readings(0...360))
            var (broken, changed) = (0, 0)
            for judged in try works.verdicts("o") {
                if judged.verdict == .notMet, judged.limit == 10 { broken += 1 }
                guard judged.reason == .definitionChanged else { continue }
                changed += 1
                #expect(judged.verdict == .notEvaluable && judged.limit == 5)
            }
            #expect(broken == 17 && changed == 4)
        }
    }

    @Test("the peak of an episode that went on under another demand is past its limit, not on the good side of it")
    func peak() throws {
        func configuration(_ max: Double) -> String {
            Self.configuration(
                "a: {window: 15m, formula: mean(m.p)}", "indicator: a, max: \(max), allow: {count: 0, per: 1d}")
        }
        func value(_ minute: Int) -> Double { (135..<150).contains(minute) ? 120 : minute < 15 ? 100 : 12 }
        try inWorks(configuration(56)) { works in
            try works.record(readings(0...120, value))
            try works.change(configuration(28))
            try works.record(readings(125...240, value))
            try works.record([("m.p", Self.at(32), 30)])
            let found = try #require(try works.nonconformities().first)
            #expect(found.peak == 120 && found.limit == 28)
        }
    }

    @Test(
        "readings that come late to an earlier definition leave the record as if they had come in time",
        arguments: [
            // The record begins earlier, and the demand goes on where only its indicator's grace is another.
            (
                ["indicator: a, missing: {count: 50, per: 1w}", "indicator: a, missing: {count: 50, per: 1w}"],
                ["a: {window: 15m, formula: mean(m.p)}", "a: {window: 15m, formula: mean(m.p), grace: 1s}"], -5
            ),
            // The peak of what lasts over the change is another, and the indicator itself goes on.
            (
                ["indicator: a, max: 15", "indicator: b, max: 15"],
                Array(
                    repeating: "a: {window: 15m, formula: max(m.p)}, b: {window: 15m, formula: max(m.q)}", count: 2),
                0
            ),
        ])
    func late(objectives: [String], indicators: [String], begin: Int) throws {
        let configurations = zip(indicators, objectives).map { Self.configuration($0, $1) }
        // What is missed until it comes late: the first reading, an hour, and a spike.
        let late = readings(begin...begin) + readings(30...90) + [("m.p", Self.at(97), 90)]
        func isLate(_ reading: (String, Instant, Double)) -> Bool {
            late.contains { $0.0 == reading.0 && $0.1 == reading.1 }
        }
        func verdicts(_ isInTime: Bool) throws -> [JudgedWindow] {
            try inWorks(configurations[0]) { works in
                let before = (readings(begin...120) + (isInTime ? [("m.p", Self.at(97), 90)] : []))
                    .sorted { $0.1 < $1.1 }
                try works.record(before.filter { isInTime || !isLate($0) })
                try works.change(configurations[1])
                try works.record(readings(125...240))
                if !isInTime { try works.record(late.sorted { $0.1 < $1.1 } + readings(245...270)) }
                if isInTime { try works.record(readings(245...270)) }
                return try works.verdicts("o")
            }
        }
        let (inTime, after) = (try verdicts(true), try verdicts(false))
        #expect(inTime.count > 15)
        #expect(after == inTime)
    }
}
