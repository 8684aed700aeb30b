import Indicators
import Metering

extension ObjectiveJudge {
    /// Adds the window to its period's sum, judged or not: what was consumed was consumed, what was missed was missed.
    mutating func addUp(_ value: IndicatorValue, _ context: Context) {
        switch definition.requirement {
        case .budget:
            if let number = value.value { account?.add(number) }
        case .available:
            // Windows before the record count as covered.
            guard value.window.end > context.recordStart else { return }
            // A dead signal is no licence not to measure: time in which the condition is unknown is missed too.
            account?.add((1 - value.coverage) * Double(value.base) + Double(value.unknown))
        case .limits, .reduction: break
        }
    }

    /// What the requirement says of a window that is judged; the window has been added up.
    mutating func finding(of value: IndicatorValue, _ context: Context) -> Finding {
        switch definition.requirement {
        case .limits(let max, let min, let warn, let allowance):
            return limits(value, max: max, min: min, warn: warn, allowance: allowance)
        case .budget(let amount, _):
            return budget(value, amount: amount, recordStart: context.recordStart)
        case .reduction(let reduction, let baseline):
            return self.reduction(value, reduction, from: baseline, computed: context.baseline)
        case .available(let share, _):
            return available(value, share: share.value)
        }
    }

    private mutating func limits(
        _ value: IndicatorValue, max: Double?, min: Double?, warn: Double?, allowance: Allowance?
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
            if isOver || isUnder { account?.add() }
            isBroken = isUsedUp(allowance)
        } else {
            isBroken = isOver || isUnder
        }
        let isLow = max == nil || (isUnder && !isOver)
        return Finding(
            verdict: isBroken ? .notMet : isWarned ? .warning : .met, value: number, limit: isLow ? min : max,
            isLowerLimit: isLow)
    }

    private mutating func isUsedUp(_ allowance: Allowance) -> Bool {
        guard let exceedances = account?.count, exceedances > 0 else { return false }
        switch allowance.amount {
        case .count(let allowed): return exceedances > allowed
        case .share(let share): return exceedances > share.floor(of: account?.windowCount() ?? 0)
        }
    }

    private func budget(_ value: IndicatorValue, amount: Double, recordStart: Instant) -> Finding {
        // A sum of nothing is no value, and not zero.
        guard let account, account.count > 0 else { return Finding(verdict: .notEvaluable, limit: amount) }
        let sum = account.sum.value
        var finding = Finding(verdict: .met, value: sum, limit: amount)
        if value.status != .valid {
            finding.verdict = .notEvaluable
        } else if comparison.isAbove(sum, amount) {
            finding.verdict = .notMet
        } else {
            let elapsed = value.window.end - max(account.period.start, recordStart)
            let left = account.period.end - value.window.end
            if elapsed > 0 {
                let forecast = sum + sum / Double(elapsed) * Double(left)
                if comparison.isAbove(forecast, amount) { finding.verdict = .warning }
            }
        }
        return finding
    }

    private func reduction(
        _ value: IndicatorValue, _ reduction: ExactFraction, from baseline: Baseline, computed: Double?
    ) -> Finding {
        let base: Double?
        switch baseline {
        case .value(let number): base = number
        // Live, the baseline is unknown until its stretch is over: a recomputation must not know better.
        case .mean, .whole: base = value.window.start < baseline.end ? nil : computed
        }
        guard let base else { return Finding(verdict: .notEvaluable, value: value.value) }
        let target = base * Double(reduction.denominator - reduction.numerator) / Double(reduction.denominator)
        guard value.status == .valid, let number = value.value else {
            return Finding(verdict: .notEvaluable, value: value.value, limit: target)
        }
        return Finding(verdict: comparison.isAbove(number, target) ? .notMet : .met, value: number, limit: target)
    }

    private func available(_ value: IndicatorValue, share: Double) -> Finding {
        guard let account else { return Finding(verdict: .notEvaluable) }
        let reachable = 1 - account.sum.value / Double(account.period.length)
        var finding = Finding(verdict: .met, value: reachable, limit: share, isLowerLimit: true)
        if value.flags.contains(.idle) {
            finding.verdict = .notEvaluable
        } else if comparison.isBelow(reachable, share) {
            finding.verdict = .notMet
        }
        return finding
    }
}
