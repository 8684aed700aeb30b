import Indicators
import Metering

/// The sum over a period's windows, judged or not, stays at or below an amount (Rules 9).
///
/// Rolling windows overlap, so their sum counts the same consumption once for each window that holds it: a budget wants
/// plain windows.
package struct Budget: Sendable, Hashable {
    /// In the indicator's unit.
    package var amount: Double
    package var per: WindowRule
}

extension Requirement {
    /// An amount for each period.
    package static func budget(_ amount: Double, per: WindowRule) -> Requirement {
        .budget(Budget(amount: amount, per: per))
    }
}

extension Budget: Demand {
    package var period: WindowRule? { per }
    package var shown: ShownQuantity { .indicator }
    package var hasLowerLimitOnly: Bool { false }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var addsUpAmounts: Bool { true }

    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {
        if let number = value.value { account.add(number) }
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        // A sum of nothing is no value, and not zero.
        guard let account, account.count > 0 else { return Finding(verdict: .notEvaluable, limit: amount) }
        let sum = account.sum.value
        var finding = Finding(verdict: .met, value: sum, limit: amount)
        if value.status != .valid {
            finding.verdict = .notEvaluable
        } else if comparison.isAbove(sum, amount) {
            finding.verdict = .notMet
        } else {
            let elapsed = value.window.end - max(account.period.start, context.recordStart)
            let left = account.period.end - value.window.end
            if elapsed > 0 {
                let forecast = sum + sum / Double(elapsed) * Double(left)
                if comparison.isAbove(forecast, amount) { finding.verdict = .warning }
            }
        }
        return finding
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        clearAt > amount ? "'clear_at' must be on the good side of 'budget': not above it" : nil
    }
}
