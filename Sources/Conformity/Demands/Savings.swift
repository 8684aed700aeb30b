import Indicators
import Metering

/// The share of a period's expected use that was saved, against a baseline model, is at or above a target, and more than
/// the model's uncertainty (Rules 9).
///
/// Its indicator gives the savings of a model; where the model may not be used nothing is judged.
package struct Savings: Sendable, Hashable {
    package var share: ExactFraction
    package var per: WindowRule
    /// Two-sided, e.g. 90 %.
    package var confidence: ExactFraction

    /// A share of each period that is to be saved.
    package init(share: ExactFraction, per: WindowRule, confidence: ExactFraction) {
        (self.share, self.per, self.confidence) = (share, per, confidence)
    }
}

extension Savings: Demand {
    private static let plain = LimitComparison(decimals: nil)

    package var period: WindowRule? { per }
    package var shown: ShownQuantity { .share }
    package var hasLowerLimitOnly: Bool { true }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var needsModel: Bool { true }

    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {
        guard value.status == .valid, let saved = value.value, let model = context.model else { return }
        account.add(saved)
        for (index, driver) in model.drivers.enumerated() {
            account.add(driver, toPart: index, of: model.drivers.count)
        }
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        var finding = Finding(verdict: .notEvaluable, limit: share.value, isLowerLimit: true)
        guard let account, account.count > 0, let model = context.model,
            let expected = model.expected(over: account.count, driverSums: account.parts), expected != 0
        else { return finding }
        let saved = account.sum.value
        finding.value = saved / expected
        guard value.status == .valid else { return finding }
        if comparison.isBelow(saved / expected, share.value) {
            finding.verdict = .notMet
        } else {
            let uncertainty = model.uncertainty(
                over: account.count, driverSums: account.parts, confidence: confidence.value)
            // Reached, and perhaps by chance: nobody may be told that it was saved. Of a model that fits exactly both are rounding.
            let isSure = uncertainty.map { Self.plain.isAbove(saved / abs(expected), $0 / abs(expected)) } ?? false
            finding.verdict = isSure ? .met : .warning
        }
        return finding
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        clearAt < share.value ? "'clear_at' must be on the good side of 'savings': not below it" : nil
    }
}
