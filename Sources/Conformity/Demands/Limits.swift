import Indicators
import Metering

/// Not above `max`, not below `min` (at least one is given), but for what is allowed (Rules 9).
package struct Limits: Sendable, Hashable {
    package var max: Double?
    package var min: Double?
    /// Lies on the good side of `max`, or of `min` where there is no `max`.
    package var warn: Double?
    package var allowance: Allowance?
}

extension Requirement {
    /// Limits for each window.
    package static func limits(max: Double?, min: Double?, warn: Double?, allowance: Allowance?) -> Requirement {
        .limits(Limits(max: max, min: min, warn: warn, allowance: allowance))
    }
}

extension Limits: Demand {
    package var period: WindowRule? { allowance?.per }
    package var shown: ShownQuantity { .indicator }
    package var hasLowerLimitOnly: Bool { max == nil }
    package func isLowerLimit(_ limit: Double) -> Bool { limit != max }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { true }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        guard value.status == .valid, let number = value.value else {
            return Finding(verdict: .notEvaluable, value: value.value, limit: max ?? min)
        }
        let isOver = max.map { comparison.isAbove(number, $0) } ?? false
        let isUnder = min.map { comparison.isBelow(number, $0) } ?? false
        let isWarned =
            warn.map { max != nil ? comparison.isAbove(number, $0) : comparison.isBelow(number, $0) } ?? false
        let isBroken: Bool
        if let allowance {
            account?.countEvaluable(through: value.window.end, of: allowance.amount)
            if isOver || isUnder { account?.add() }
            isBroken = account?.isUsedUp(allowance.amount, after: value.window.end) ?? false
        } else {
            isBroken = isOver || isUnder
        }
        let isLow = max == nil || (isUnder && !isOver)
        return Finding(
            verdict: isBroken ? .notMet : isWarned ? .warning : .met, value: number, limit: isLow ? min : max,
            isLowerLimit: isLow)
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        if let max, clearAt > max { return "'clear_at' must be on the good side of 'max': not above it" }
        if let min, clearAt < min { return "'clear_at' must be on the good side of 'min': not below it" }
        return nil
    }
}

extension PeriodAccount {
    /// Takes note of one more window that is judged and evaluable, where the allowance is a share of those.
    fileprivate mutating func countEvaluable(through end: Instant, of amount: Allowance.Amount) {
        if case .share(_, of: .evaluable) = amount { countEvaluable() }
    }

    /// Whether there are more exceedances than are allowed.
    fileprivate mutating func isUsedUp(_ amount: Allowance.Amount, after end: Instant) -> Bool {
        guard count > 0 else { return false }
        switch amount {
        case .count(let allowed): return count > allowed
        case .share(let share, of: .calendar): return count > share.floor(of: windowCount())
        case .share(let share, of: .evaluable): return count > share.floor(of: reachableCount(after: end))
        }
    }
}
