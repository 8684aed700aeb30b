import Indicators
import Metering

/// What a reduction is measured against (Rules 9).
package enum Baseline: Sendable, Hashable {
    /// A number in the indicator's unit.
    case value(Double)
    /// The mean of the valid values of windows wholly inside the stretch.
    case mean(over: Window)
    /// The formula evaluated once over the stretch as one window, which must be valid.
    case whole(over: Window)
    /// What a baseline model expects of that very window (``ObjectiveDefinition/modelIndicator``).
    case model

    /// From when windows may be judged against it.
    package var end: Instant {
        switch self {
        case .value, .model: .distantPast
        case .mean(let stretch), .whole(let stretch): stretch.end
        }
    }
}

/// At or below baseline × (1 − share) (Rules 9).
package struct Reduction: Sendable, Hashable {
    package var share: ExactFraction
    /// What is measured against.
    package var from: Baseline
}

extension Requirement {
    /// A share less than a baseline.
    package static func reduction(_ share: ExactFraction, _ baseline: Baseline) -> Requirement {
        .reduction(Reduction(share: share, from: baseline))
    }
}

extension Reduction: Demand {
    package var period: WindowRule? { nil }
    package var shown: ShownQuantity { .indicator }
    package var hasLowerLimitOnly: Bool { false }
    package var baseline: Baseline? { from }
    package var countsExceedances: Bool { false }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        let base: Double?
        switch from {
        case .value(let number): base = number
        // Live, the baseline is unknown until its stretch is over: a recomputation must not know better.
        case .mean, .whole: base = value.window.start < from.end ? nil : context.baseline
        case .model: base = context.baseline
        }
        guard let base else { return Finding(verdict: .notEvaluable, value: value.value) }
        let target = base * Double(share.denominator - share.numerator) / Double(share.denominator)
        guard value.status == .valid, let number = value.value else {
            return Finding(verdict: .notEvaluable, value: value.value, limit: target)
        }
        return Finding(verdict: comparison.isAbove(number, target) ? .notMet : .met, value: number, limit: target)
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        guard case .value(let value) = from, clearAt > value * (1 - share.value) else { return nil }
        return "'clear_at' must be on the good side of the target: not above it"
    }
}
