import Indicators
import Metering

/// What is used stays what a baseline model expects: a tabular CUSUM of the residuals in units of the model's standard
/// error stays at or below `h` (Rules 9).
///
/// Its indicator gives the savings of a model. A window that is not evaluable leaves the sums as they are.
package struct Deviation: Sendable, Hashable {
    /// Which way counts.
    package enum Side: String, Sendable, Hashable, CaseIterable {
        /// More is used than expected.
        case above
        /// Less is used than expected.
        case below
        case both
    }

    /// The decision interval, in standard errors.
    package var h: Double
    /// What each window may deviate, in standard errors.
    package var k: Double
    package var side: Side

    /// A deviation from a model.
    package init(h: Double, k: Double, side: Side) {
        (self.h, self.k, self.side) = (h, k, side)
    }

    /// The sums over and under what is expected, after a window.
    private func sums(_ value: IndicatorValue, _ context: JudgingContext) -> [Double]? {
        guard value.status == .valid, let saved = value.value, let error = context.model?.standardError, error > 0
        else { return nil }
        let past = context.past.count == 2 ? context.past : [0, 0]
        let z = -saved / error
        // Held at twice the interval, so that a long fault is not carried on long after it is mended.
        return zip(past, [z, -z]).map { min(2 * h, max(0, $0 + $1 - k)) }
    }
}

extension Deviation: Demand {
    package var period: WindowRule? { nil }
    package var shown: ShownQuantity { .number }
    package var hasLowerLimitOnly: Bool { false }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var needsModel: Bool { true }

    package func remembered(after value: IndicatorValue, _ context: JudgingContext) -> [Double] {
        let sums = sums(value, context) ?? context.past
        return sums.contains { $0 != 0 } ? sums : []
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        guard let sums = sums(value, context) else { return Finding(verdict: .notEvaluable, limit: h) }
        let sum =
            switch side {
            case .above: sums[0]
            case .below: sums[1]
            case .both: max(sums[0], sums[1])
            }
        return Finding(verdict: comparison.isAbove(sum, h) ? .notMet : .met, value: sum, limit: h)
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        clearAt > h ? "'clear_at' must be on the good side of 'h': not above it" : nil
    }
}
