import ConfigurationSource
import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

/// Holds what the rules made of a test's readings against what is expected.
struct RuleTestComparison {
    private let test: RuleTest
    private let plant: Plant
    private let reader: StoreReader

    init(_ test: RuleTest, _ plant: Plant, _ reader: StoreReader) {
        (self.test, self.plant, self.reader) = (test, plant, reader)
    }

    /// What does not come out, a line each.
    func failures() throws -> [String] {
        var found: [String] = []
        for expected in test.values { found += try compare(expected) }
        for expected in test.verdicts { found += try compare(expected) }
        if let expected = test.nonconformities { found += try compare(expected) }
        return found
    }

    private func line(_ mark: SourceMark, _ message: String) -> String {
        "\(mark.source.path):\(mark.line):\(mark.column): test '\(test.name)': \(message)"
    }

    private func told(_ instant: Instant) -> String { plant.plan.calendar.text(instant) }

    private func compare(_ expected: RuleTest.ExpectedValue) throws -> [String] {
        guard let index = plant.plan.indicators.firstIndex(where: { $0.name == expected.indicator }) else { return [] }
        var value: IndicatorValue?
        try reader.values(index) { if $0.window.end == expected.end { value = $0 } }
        let place = "\(expected.indicator) at \(told(expected.end))"
        guard let value else { return [line(expected.mark, "\(place): no window ends there, or it has not closed")] }
        var found: [String] = []
        func check(_ what: String, _ wanted: String?, _ got: String, _ isEqual: Bool) {
            guard let wanted, !isEqual else { return }
            found.append(line(expected.mark, "\(place): expected \(what) \(wanted), found \(got)"))
        }
        check("value", expected.value?.text, text(value.value), expected.value?.matches(value.value) ?? true)
        check("status", expected.status, value.status.text, expected.status == value.status.text)
        check(
            "coverage", expected.coverage?.text, text(value.coverage),
            expected.coverage?.matches(value.coverage) ?? true)
        check("flags", expected.flags?.description, "\(value.flags.words)", expected.flags == value.flags.words)
        return found
    }

    private func compare(_ expected: RuleTest.ExpectedVerdict) throws -> [String] {
        guard let index = plant.objectives.firstIndex(where: { $0.name == expected.objective }) else { return [] }
        var judged: [JudgedWindow] = []
        try reader.verdicts(index) { judged.append($0) }
        if let all = expected.all { return compareAll(all, judged, expected) }
        let place = "\(expected.objective) at \(expected.end.map(told) ?? "?")"
        guard let window = judged.first(where: { $0.window.end == expected.end }) else {
            return [line(expected.mark, "\(place): no window that ends there was judged")]
        }
        var found: [String] = []
        if let verdict = expected.verdict, verdict != window.verdict.text {
            found.append(line(expected.mark, "\(place): expected \(verdict), found \(window.verdict.text)"))
        }
        for (what, wanted, got) in [("value", expected.value, window.value), ("limit", expected.limit, window.limit)] {
            guard let wanted, !wanted.matches(got) else { continue }
            found.append(line(expected.mark, "\(place): expected \(what) \(wanted.text), found \(text(got))"))
        }
        return found
    }

    private func compareAll(
        _ all: [String], _ judged: [JudgedWindow], _ expected: RuleTest.ExpectedVerdict
    ) -> [String] {
        for (wanted, window) in zip(all, judged) where wanted != window.verdict.text {
            return [
                line(
                    expected.mark,
                    "\(expected.objective) at \(told(window.window.end)): expected \(wanted), "
                        + "found \(window.verdict.text)")
            ]
        }
        if all.count == judged.count { return [] }
        return [
            line(
                expected.mark,
                "\(expected.objective): expected \(all.count) verdicts, found \(judged.count)")
        ]
    }

    private func compare(_ expected: [RuleTest.ExpectedNonconformity]) throws -> [String] {
        let names = plant.objectives.map(\.name)
        let found = try reader.nonconformities().sorted {
            ($0.raisedAt, names.firstIndex(of: $0.objective) ?? 0)
                < ($1.raisedAt, names.firstIndex(of: $1.objective) ?? 0)
        }
        var failures: [String] = []
        for (wanted, got) in zip(expected, found) { failures += compare(wanted, got) }
        for wanted in expected.dropFirst(found.count) {
            failures.append(line(wanted.mark, "a nonconformity of \(wanted.objective) was not raised"))
        }
        for got in found.dropFirst(expected.count) {
            let extent = "\(got.objective) from \(told(got.onset)), raised at \(told(got.raisedAt))"
            failures.append(line(test.mark, "a nonconformity was raised that is not expected: \(extent)"))
        }
        return failures
    }

    private func compare(_ wanted: RuleTest.ExpectedNonconformity, _ got: Nonconformity) -> [String] {
        var failures: [String] = []
        func check(_ what: String, _ wantedText: String, _ gotText: String, _ isEqual: Bool) {
            if isEqual { return }
            failures.append(
                line(
                    wanted.mark,
                    "nonconformity of \(wanted.objective): expected \(what) \(wantedText), found \(gotText)"))
        }
        check("objective", wanted.objective, got.objective, wanted.objective == got.objective)
        if let onset = wanted.onset { check("onset", told(onset), told(got.onset), onset == got.onset) }
        if let raised = wanted.raisedAt { check("raised_at", told(raised), told(got.raisedAt), raised == got.raisedAt) }
        if let cleared = wanted.clearedAt {
            check(
                "cleared_at", cleared.map(told) ?? "none", got.clearedAt.map(told) ?? "none", cleared == got.clearedAt)
        }
        if let peak = wanted.peak { check("peak", peak.text, text(got.peak), peak.matches(got.peak)) }
        if let limit = wanted.limit { check("limit", limit.text, text(got.limit), limit.matches(got.limit)) }
        return failures
    }

    private func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "none" }
}
