import Metering
import TestKit
import Testing

@testable import Indicators

@Suite("Formulas that nobody should write")
struct FormulaFuzzTests {
    private static let good = [
        "delta(m.e) / integral(m.p) * 1e3", "mean(m.p) - least(1, max(m.p), -.5)", "percentile(m.p, 97.5)",
        "share(m.s == 1)", "hours(m.p * 2 > clamp(m.p, 0, 1))", "sum(i) + share(i >= -3)", "percentile(i, 50)",
        "m.p * (21 - 3) / (21 - m.p)", "abs(m.p) <= 1", "greatest(m.p, m.p)",
    ]

    private func point(_ name: String) -> (index: PointIndex, kind: PointKind)? {
        switch name {
        case "m.e": (0, .counter)
        case "m.p": (1, .gauge)
        case "m.s": (2, .state)
        default: nil
        }
    }

    private func parse(_ text: String) {
        _ = try? FormulaParser.indicator(text, points: point) { $0 == "i" ? 0 : nil }
        _ = try? FormulaParser.arithmetic(text, points: point)
        _ = try? FormulaParser.condition(text, points: point)
    }

    @Test("are refused or read, and nothing else")
    func rubbish() {
        for round in 0..<Rubbish.rounds * 5 {
            var rubbish = Rubbish(round: round)
            parse(rubbish.text(like: Self.good))
        }
    }

    @Test(
        "of any length or depth are refused before they cost anything",
        arguments: ["(", "-", "1+", "m.p*", "abs(", "least(1,", "hours(", "1 ", "m.p+(", "- -", "1e"])
    func long(piece: String) {
        for count in [99, 101, 5000, 200_000] {
            parse(String(repeating: piece, count: count))
            parse(String(repeating: piece, count: count) + "1")
        }
        #expect(throws: FormulaFault.self) {
            try FormulaParser.arithmetic(String(repeating: "1+", count: 100_000) + "1", points: point)
        }
    }

    @Test("of the greatest length that is read are computed with what a thread has of stack")
    func longest() throws {
        let formula = try FormulaParser.arithmetic(
            String(repeating: "m.p+", count: ExpressionParser.mostTokens / 2 - 1) + "1", points: point)
        #expect(formula.leaves.count == ExpressionParser.mostTokens / 2 - 1)
        #expect(formula.map { $0 } == formula)
        #expect(formula.value { _ in 1 } == Double(ExpressionParser.mostTokens / 2))
    }
}
