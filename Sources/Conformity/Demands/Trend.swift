import Indicators
import Metering

/// No rise above, or fall below, so much a window over the last windows: Theil-Sen's slope, where Mann-Kendall finds that
/// it is no chance (Rules 9).
package struct Trend: Sendable, Hashable {
    /// Windows looked at, the present one included.
    package var windows: Int
    /// In the indicator's unit per window; nil: it may rise.
    package var max: Double?
    /// In the indicator's unit per window; nil: it may fall.
    package var min: Double?
    /// How sure it must be, e.g. 95 %.
    package var confidence: ExactFraction

    /// A trend over so many windows.
    package init(windows: Int, max: Double?, min: Double?, confidence: ExactFraction) {
        (self.windows, self.max, self.min, self.confidence) = (windows, max, min, confidence)
    }

    /// So many of the windows must be valid.
    private var needed: Int { Swift.max(4, (3 * windows + 3) / 4) }
}

extension Trend: Demand {
    package var period: WindowRule? { nil }
    package var shown: ShownQuantity { .change(per: "window") }
    package var hasLowerLimitOnly: Bool { max == nil }
    package func isLowerLimit(_ limit: Double) -> Bool { limit != max }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var lookback: Int { windows - 1 }

    package func remembered(after value: IndicatorValue, _ context: JudgingContext) -> [Double] {
        // A window without a valid value is a hole, and stays one.
        Array((context.past + [value.status == .valid ? value.value ?? .nan : .nan]).suffix(windows - 1))
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        var finding = Finding(verdict: .notEvaluable, limit: max ?? min, isLowerLimit: max == nil)
        guard value.status == .valid, let number = value.value else { return finding }
        let values = (context.past.map { $0.isNaN ? nil : $0 } + [number]).suffix(windows)
        guard values.count(where: { $0 != nil }) >= needed, let trend = TheilSen(Array(values)) else { return finding }
        finding.value = trend.slope.withoutSignOfZero
        let isSure = trend.p < 1 - confidence.value
        let isOver = max.map { comparison.isAbove(trend.slope, $0) } ?? false
        let isUnder = min.map { comparison.isBelow(trend.slope, $0) } ?? false
        if isUnder, !isOver { (finding.limit, finding.isLowerLimit) = (min, true) }
        finding.verdict = isSure && (isOver || isUnder) ? .notMet : .met
        return finding
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        if let max, clearAt > max { return "'clear_at' must be on the good side of 'max': not above it" }
        if let min, clearAt < min { return "'clear_at' must be on the good side of 'min': not below it" }
        return nil
    }
}
