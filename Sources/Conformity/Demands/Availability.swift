import Indicators
import Metering

/// The coverage that a period can still reach stays at or above a share: the duty to measure (Rules 9).
///
/// Rolling windows overlap, so a gap counts once for each window that holds it (the value may fall below zero): the duty to
/// measure wants an indicator over plain windows.
package struct Availability: Sendable, Hashable {
    package var share: ExactFraction
    package var per: WindowRule
}

extension Requirement {
    /// A share of each period that is to be measured.
    package static func available(_ share: ExactFraction, per: WindowRule) -> Requirement {
        .available(Availability(share: share, per: per))
    }
}

extension Availability: Demand {
    package var period: WindowRule? { per }
    package var shown: ShownQuantity { .share }
    package var hasLowerLimitOnly: Bool { true }
    package var baseline: Baseline? { nil }
    package var countsExceedances: Bool { false }
    package var isDutyToMeasure: Bool { true }

    package func addUp(
        _ value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount
    ) {
        // Windows before the record count as covered.
        guard value.window.end > context.recordStart else { return }
        // A dead signal is no licence not to measure: time in which the condition is unknown is missed too.
        account.add((1 - value.coverage) * Double(value.base) + Double(value.unknown))
    }

    package func finding(
        of value: IndicatorValue, _ context: JudgingContext, _ comparison: LimitComparison,
        in account: inout PeriodAccount?
    ) -> Finding {
        guard let account else { return Finding(verdict: .notEvaluable) }
        let reachable = 1 - account.sum.value / Double(account.period.length)
        var finding = Finding(verdict: .met, value: reachable, limit: share.value, isLowerLimit: true)
        if value.flags.contains(.idle) {
            finding.verdict = .notEvaluable
        } else if comparison.isBelow(reachable, share.value) {
            finding.verdict = .notMet
        }
        return finding
    }

    package func fault(ofClearAt clearAt: Double) -> String? {
        clearAt < share.value ? "'clear_at' must be on the good side of 'available': not below it" : nil
    }
}
