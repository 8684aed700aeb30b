import Indicators
import Metering

/// No more than so many lost windows in a period: windows that are neither valid nor idle (Rules 9).
package struct Missing: Sendable, Hashable {
    /// As many may be lost.
    package var count: Int
    package var per: WindowRule
}

extension Requirement {
    /// A number of windows of each period that may be lost.
    package static func missing(_ count: Int, per: WindowRule) -> Requirement {
        .missing(Missing(count: count, per: per))
    }
}

extension Missing: Demand {
    package var period: WindowRule? { per }
    package var shown: ShownQuantity { .windows }
    package var hasLowerLimitOnly: Bool { false }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var isDutyToMeasure: Bool { true }

    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {
        // There are no windows before the record that could be lost.
        guard value.window.end > context.recordStart else { return }
        if value.status != .valid && !value.flags.contains(.idle) { account.add() }
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        let lost = account?.count ?? 0
        return Finding(verdict: lost > count ? .notMet : .met, value: Double(lost), limit: Double(count))
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        clearAt > Double(count) ? "'clear_at' must be on the good side of 'missing': not above its count" : nil
    }
}
