import Indicators
import Metering

/// Percentiles of a period's values stay at or below limits, one or several tiers (Rules 9).
///
/// It counts every valid window of the period, judged or not: a percentile is one of all values.
package struct Percentile: Sendable, Hashable {
    /// One limit, and the share of values that must keep it.
    package struct Tier: Sendable, Hashable {
        /// At least that share of the values is at or below ``max``.
        package var share: ExactFraction
        /// Whether it is the value of that rank instead (a percentile: `q: 97`).
        package var isRank: Bool
        /// In the indicator's unit.
        package var max: Double

        /// A share of values that must keep a limit.
        package init(share: ExactFraction, isRank: Bool = false, max: Double) {
            self.share = share
            self.isRank = isRank
            self.max = max
        }

        /// How many of so many values may lie above: what the share leaves, or all beyond the nearest rank.
        func allowed(of count: Int) -> Int {
            let (twice, n) = (2 * share.denominator, Int128(count))
            if !isRank {
                let rest = Int128(share.denominator - share.numerator) * n
                return Int(rest / Int128(share.denominator))
            }
            let rank = (2 * Int128(share.numerator) * n + Int128(share.denominator)) / Int128(twice)
            return count - Swift.max(1, Int(rank))
        }
    }

    /// In ascending order of their limits and shares.
    package var tiers: [Tier]
    /// Whether it is enough that one tier is kept.
    package var isEither: Bool
    package var per: WindowRule

    /// Tiers over a period.
    package init(tiers: [Tier], isEither: Bool = false, per: WindowRule) {
        self.tiers = tiers
        self.isEither = isEither
        self.per = per
    }
}

extension Percentile: Demand {
    package var period: WindowRule? { per }
    package var shown: ShownQuantity { .indicator }
    package var hasLowerLimitOnly: Bool { false }
    package var baseline: Baseline? { nil }
    package var limitBeforeAnyIsBroken: Double? { tiers.first?.max }
    package var countsExceedances: Bool { false }

    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {
        guard value.status == .valid, let number = value.value else { return }
        account.countEvaluable()
        for (index, tier) in tiers.enumerated() where comparison.isAbove(number, tier.max) {
            account.add(1, toPart: index, of: tiers.count)
        }
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        guard value.status == .valid, let number = value.value, account != nil else {
            return Finding(verdict: .notEvaluable, value: value.value, limit: limitBeforeAnyIsBroken)
        }
        let count = account?.reachableCount(after: value.window.end) ?? 0
        let above = account?.parts ?? []
        let all = tiers.indices.filter { index in
            index < above.count && Int(above[index]) > tiers[index].allowed(of: count)
        }
        let broken = isEither && all.count < tiers.count ? nil : all.last
        return Finding(
            verdict: broken == nil ? .met : .notMet, value: number, limit: tiers[broken ?? 0].max)
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        guard let least = tiers.first?.max, clearAt > least else { return nil }
        return "'clear_at' must be on the good side of the lowest 'max': not above it"
    }
}
