import Conformity
import Indicators
import Metering
import Testing

@testable import PlantConfiguration

@Suite("What differs between two configurations")
struct DifferenceTests {
    private static func plant(
        _ changes: [(String, String)] = []
    ) throws -> Plant {
        var text = """
            site: {name: Works, timezone: Europe/Stockholm}
            meters:
              a: {interval: 1m, points: {e: {kind: counter, max_rate: 10, unit: kWh}, p: {kind: gauge, unit: kW}}}
              b: {interval: 1m, points: {p: {kind: gauge, unit: kW}}}
            derived:
              a.both: {formula: a.p + b.p, unit: kW}
              a.twice: {formula: 2 * a.both, unit: kW}
            indicators:
              use: {window: 1h, formula: delta(a.e), unit: kWh}
              load: {window: 1h, formula: mean(a.twice), unit: kW}
              day: {window: 1d, formula: sum(use), unit: kWh}
              month: {window: 1mo, formula: sum(day), unit: kWh}
              other: {window: 1h, formula: mean(b.p), unit: kW}
            objectives:
              budget: {indicator: month, max: 5000}
              peak: {indicator: load, max: 100}
              calm: {indicator: other, max: 100}

            """
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        let report = try Files.report(text)
        #expect(report.errors.map(\.description) == [])
        return try #require(report.plant)
    }

    @Test(
        "names all that hangs on what changed, however far behind, and nothing else",
        arguments: [
            // A formula with a date is in no fingerprint.
            (
                "formula: delta(a.e)", "formula: [delta(a.e), {from: 2026-07-01, formula: 2 * delta(a.e)}]",
                ["indicator day", "indicator month", "objective budget"]
            ),
            (
                "formula: delta(a.e)", "formula: 2 * delta(a.e)",
                ["indicator day", "indicator month", "objective budget"]
            ),
            (
                "max_rate: 10",
                "max_rate: 10, exchanges: [{time: \"2026-07-01T00:00:00Z\", closing: 9, opening: 1}]",
                ["indicator day", "indicator month", "indicator use", "objective budget"]
            ),
            (
                "formula: a.p + b.p", "formula: [a.p + b.p, {from: 2026-07-01, formula: a.p}]",
                ["derived a.twice", "indicator load", "objective peak"]
            ),
            (
                "b: {interval: 1m, points: {p: {kind: gauge, unit: kW}}}",
                "b: {interval: 1m, points: {p: {kind: gauge, unit: kW, max_gap: 7m}}}",
                [
                    "derived a.both", "derived a.twice", "indicator load", "indicator other", "objective calm",
                    "objective peak",
                ]
            ),
            ("max: 5000", "max: 4000", []),
            ("max: 5000", "max: 5000, title: Year", []),
        ])
    func touched(old: String, new: String, expected: [String]) throws {
        let difference = PlantDifference(from: try Self.plant(), to: try Self.plant([(old, new)]))
        let touched = difference.entries.filter { $0.sort == .touched }.map { "\($0.kind) \($0.name)" }
        #expect(touched == expected)
        #expect(!difference.entries.filter { $0.sort == .changed }.isEmpty)
    }
}
