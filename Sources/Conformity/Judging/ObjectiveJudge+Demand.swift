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
        values: [(value: IndicatorValue, isForeign: Bool)], recordStart: Instant
    ) {
        row = old?.row ?? EpisodeRow()
        row.begin(keepingEpisode: keepingEpisode, isSameUnit: isSameUnit)
        account?.clear()
        guard account != nil else { return }
        account?.enter(Window(start: end, end: end + 1))
        for (value, isForeign) in values where account?.period.contains(value.window.end - 1) == true {
            if isForeign {
                account?.isForeign = true
            } else {
                addUp(value, Context(recordStart: recordStart))
            }
        }
        guard demand.countsExceedances else { return }
        for _ in 0..<exceedances { account?.add() }
        account?.countEvaluable(evaluable)
    }

    /// The period whose sum goes on at an instant; nil where nothing is added up.
    package func period(at instant: Instant) -> Window? {
        guard var account else { return nil }
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
