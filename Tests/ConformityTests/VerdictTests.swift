import Indicators
import Metering
import TestKit
import Testing

@testable import Conformity

@Suite("Verdicts of single windows")
struct VerdictTests {
    @Test(
        "V57: at 0 decimals 50.4 keeps a limit of 50 and 50.5 breaks it",
        arguments: [(50.4, Verdict.met), (50.5, .notMet)])
    func roundedToDecimals(value: Double, verdict: Verdict) throws {
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, decimals: 0), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"),
            in: try calendar())
        let judged = try #require(bench.judge(value))
        #expect(judged.verdict == verdict)
        #expect(judged.value == value, "the value is shown unrounded")
        #expect(judged.limit == 50)
    }

    @Test("V58: ten times 0.1 reaches a minimum of 1.0")
    func tolerance() throws {
        var sum = 0.0
        for _ in 0..<10 { sum += 0.1 }
        #expect(sum < 1)
        let limit = Requirement.limits(max: nil, min: 1, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        #expect(bench.judge(sum)?.verdict == .met)
    }

    @Test(
        "without decimals, numbers are equal within 1e-9 of the larger or 1e-12",
        arguments: [
            (200.0, 200.0, 0), (200.000_000_1, 200.0, 0), (200.000_000_3, 200.0, 1), (199.999_999_7, 200.0, -1),
            (5e-13, 0.0, 0), (-5e-13, 0.0, 0), (2e-12, 0.0, 1), (-200.000_000_3, -200.0, -1), (1e-13, -1e-13, 0),
            (1e300, 1.000_000_1e300, -1),
        ])
    func equality(a: Double, b: Double, order: Int) {
        let comparison = LimitComparison(decimals: nil)
        #expect(comparison.order(a, b) == order)
        #expect(comparison.order(b, a) == -order)
    }

    @Test(
        "decimals round half away from zero on the form with 12 significant digits",
        arguments: [
            (2.5, 0, 3.0), (-2.5, 0, -3.0), (0.5, 0, 1.0), (0.49999999999, 0, 0.0), (1.005, 2, 1.01),
            (1.004999999999999, 2, 1.01), (1.00499999999, 2, 1.0), (2.675, 2, 2.68), (-0.05, 1, -0.1),
            (0.0, 3, 0.0), (999.95, 1, 1000.0), (1234.5, -2, 1200.0), (1250, -2, 1300.0), (1e-30, 5, 0.0),
            (99_999_999_999.5, 0, 100_000_000_000.0), (0.000_000_5, 6, 0.000_001), (1e20, 2, 1e20),
        ])
    func rounding(number: Double, decimals: Int, rounded: Double) {
        let side = RoundedDecimal(number, decimals: decimals)
        // The expected number has few digits, so that rounding leaves it alone.
        #expect(side.order(RoundedDecimal(rounded, decimals: decimals)) == 0)
        #expect(side.order(RoundedDecimal(rounded + 1.5 * step(decimals, at: rounded), decimals: decimals)) < 0)
        #expect(side.order(RoundedDecimal(rounded - 1.5 * step(decimals, at: rounded), decimals: decimals)) > 0)
    }

    private func step(_ decimals: Int, at number: Double) -> Double {
        var step = 1.0
        for _ in 0..<abs(decimals) { step = decimals > 0 ? step / 10 : step * 10 }
        return max(step, abs(number) * 1e-11)
    }

    @Test("the quick way past rounding never says anything else than rounding")
    func quickWay() {
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<20_000 {
            let decimals = Int.random(in: -2...5, using: &numbers)
            let comparison = LimitComparison(decimals: decimals)
            let limit = Double(Int.random(in: -500...500, using: &numbers)) / 100
            let value = limit + Double(Int.random(in: -3000...3000, using: &numbers)) / 1000
            let slow = RoundedDecimal(value, decimals: decimals).order(RoundedDecimal(limit))
            #expect(comparison.order(value, limit) == slow)
        }
    }

    @Test("only the value is rounded, and a limit means the decimals it is written with")
    func limitUnrounded() {
        #expect(LimitComparison(decimals: 0).order(0.7, 0.5) == 1, "1 is above 0.5")
        #expect(LimitComparison(decimals: 0).order(0.49, 0.5) == -1, "0 is below 0.5")
        #expect(LimitComparison(decimals: 1).order(0.1 + 0.2, 0.3) == 0)
        #expect(LimitComparison(decimals: 1).order(0.26, 0.1 + 0.2) == 0)
    }

    @Test("rounded numbers far apart in size are ordered by size")
    func ordering() {
        let numbers = [-1e300, -1e30, -3, -1e-3, 0, 1e-3, 3, 1e30, 1e300]
        for (i, a) in numbers.enumerated() {
            for (j, b) in numbers.enumerated() {
                let order = RoundedDecimal(a, decimals: 4).order(RoundedDecimal(b, decimals: 4))
                #expect(order == (i - j).signum())
            }
        }
    }

    @Test(
        "a maximum is broken above it, not at it, and its warning lies below",
        arguments: [
            (179.0, Verdict.met), (180, .met), (180.1, .warning), (200, .warning), (200.1, .notMet),
        ])
    func maximum(value: Double, verdict: Verdict) throws {
        let limit = Requirement.limits(max: 200, min: nil, warn: 180, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        #expect(bench.judge(value)?.verdict == verdict)
    }

    @Test(
        "a minimum is broken below it, not at it, and its warning lies above",
        arguments: [
            (61.0, Verdict.met), (60, .met), (59.9, .warning), (50, .warning), (49.9, .notMet),
        ])
    func minimum(value: Double, verdict: Verdict) throws {
        let limit = Requirement.limits(max: nil, min: 50, warn: 60, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        let judged = try #require(bench.judge(value))
        #expect(judged.verdict == verdict)
        #expect(judged.limit == 50)
    }

    @Test(
        "with both limits the maximum is shown unless the minimum is what was broken",
        arguments: [
            (5.0, Verdict.notMet, 10.0), (10, .met, 20), (15, .met, 20), (19, .warning, 20), (21, .notMet, 20),
        ])
    func both(value: Double, verdict: Verdict, shown: Double) throws {
        let limit = Requirement.limits(max: 20, min: 10, warn: 18, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        let judged = try #require(bench.judge(value))
        #expect(judged.verdict == verdict)
        #expect(judged.limit == shown)
    }

    @Test("a value that does not stand is not evaluable, never met, and is still shown with its limit")
    func notEvaluable() throws {
        let limit = Requirement.limits(max: 200, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit), rule: try rule("1h"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        let short = try #require(bench.judge(300, status: .insufficient, coverage: 0.5))
        #expect(short.verdict == .notEvaluable)
        #expect(short.value == 300)
        #expect(short.limit == 200)
        let none = try #require(bench.judge(nil))
        #expect(none.verdict == .notEvaluable)
        #expect(none.value == nil)
        #expect(none.limit == 200)
        #expect(bench.events.isEmpty)
    }
}
