import Indicators
import Metering

extension ObjectiveJudge {
    /// Goes on from a judge of another demand whose last window ended at or before `end`; nil: from nothing (Rules 13).
    ///
    /// Rows begin anew. An episode goes on where it is kept. The sum of the period is made anew from the values of its
    /// windows that ended by then, of which some may be of another unit or other windows; what counted as an exceedance at
    /// its time stays one. `evaluable` windows of the period were judged and evaluable.
    package mutating func begin(
        after end: Instant, carrying old: ObjectiveJudge?, keepingEpisode: Bool, isSameUnit: Bool, exceedances: Int,
        evaluable: Int = 0,
        values: [(value: IndicatorValue, context: Context, isForeign: Bool)]
    ) {
        row = old?.row ?? EpisodeRow()
        row.begin(keepingEpisode: keepingEpisode, isSameUnit: isSameUnit)
        account?.clear()
        past = []
        guard account != nil || demand.lookback > 0 else { return }
        account?.enter(Window(start: end, end: end + 1))
        for (value, context, isForeign) in values {
            if let account, !account.period.contains(value.window.end - 1) { continue }
            if isForeign {
                account?.isForeign = true
                past = []
            } else {
                var context = context
                context.past = past
                addUp(value, context)
            }
        }
        guard demand.countsExceedances else { return }
        for _ in 0..<exceedances { account?.add() }
        account?.countEvaluable(evaluable)
    }

    /// The period whose sum goes on at an instant, or the windows before it that are looked back at; nil where nothing is
    /// added up or remembered.
    package func period(at instant: Instant) -> Window? {
        guard var account else {
            guard demand.lookback > 0 else { return nil }
            // Windows of the calendar differ in length, a month by a tenth.
            let length = Int64(demand.lookback + 1) * step * 9 / 8
            return Window(start: instant - length, end: instant)
        }
        account.enter(Window(start: instant, end: instant + 1))
        return account.period
    }

    /// Whether a window that was judged counted as an exceedance: beyond a limit, allowed or not.
    package func exceeds(_ judged: JudgedWindow) -> Bool {
        guard case .limits(let limits) = definition.requirement, judged.verdict != .notEvaluable,
            let value = judged.value
        else { return false }
        return limits.max.map { comparison.isAbove(value, $0) } ?? false
            || limits.min.map { comparison.isBelow(value, $0) } ?? false
    }
}
