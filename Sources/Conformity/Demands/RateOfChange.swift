import Indicators
import Metering

/// From one window to the next the value rises or falls no faster than so much (Rules 9).
package struct RateOfChange: Sendable, Hashable {
    /// The fastest rise; nil: any.
    package var max: Double?
    /// The fastest fall, below zero most often; nil: any.
    package var min: Double?
    /// The time that the change is told for, in milliseconds, with its name, e.g. `h`; nil: from window to window.
    package var per: Span?

    /// A length of time with its name.
    package struct Span: Sendable, Hashable {
        package var milliseconds: Int64
        package var name: String

        /// A length with its name.
        package init(milliseconds: Int64, name: String) {
            (self.milliseconds, self.name) = (milliseconds, name)
        }
    }

    /// Bounds of a change.
    package init(max: Double?, min: Double?, per: Span?) {
        (self.max, self.min, self.per) = (max, min, per)
    }
}

extension RateOfChange: Demand {
    package var period: WindowRule? { nil }
    package var shown: ShownQuantity { .change(per: per?.name ?? "window") }
    package var hasLowerLimitOnly: Bool { max == nil }
    package func isLowerLimit(_ limit: Double) -> Bool { limit != max }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var lookback: Int { 1 }

    package func remembered(after value: IndicatorValue, _ context: JudgingContext) -> [Double] {
        guard value.status == .valid, let number = value.value else { return [] }
        return [number, Double(value.window.end.milliseconds)]
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        var finding = Finding(verdict: .notEvaluable, limit: max ?? min, isLowerLimit: max == nil)
        // Across a window that is lost nobody knows how fast it went.
        guard value.status == .valid, let number = value.value, context.past.count == 2 else { return finding }
        var change = number - context.past[0]
        if let per {
            change *= Double(per.milliseconds) / (Double(value.window.end.milliseconds) - context.past[1])
        }
        guard change.isFinite else { return finding }
        finding.value = change.withoutSignOfZero
        let isOver = max.map { comparison.isAbove(change, $0) } ?? false
        let isUnder = min.map { comparison.isBelow(change, $0) } ?? false
        if isUnder, !isOver { (finding.limit, finding.isLowerLimit) = (min, true) }
        finding.verdict = isOver || isUnder ? .notMet : .met
        return finding
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        if let max, clearAt > max { return "'clear_at' must be on the good side of 'max': not above it" }
        if let min, clearAt < min { return "'clear_at' must be on the good side of 'min': not below it" }
        return nil
    }
}
