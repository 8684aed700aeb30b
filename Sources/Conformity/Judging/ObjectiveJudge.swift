import Indicators
import Metering

/// Judges the windows of one objective, one after the other (Rules 9), and follows its episodes (Rules 10). Pure.
///
/// Feed every closed window of the objective's indicator, ascending in its end, also those that will not be judged: sums over a
/// period take in every window that has a value. ``memory`` after a window is all that the next one needs, so judging
/// may stop and go on anywhere, and a revision is judged again from the memory of the window before it.
///
/// ```
/// var judge = ObjectiveJudge(definition, objective: 0, indicator: indicator, calendar: calendar)
/// for value in closedWindows {
///     let (judged, events) = judge.judge(value, context)
/// }
/// ```
package struct ObjectiveJudge: Sendable {
    package typealias Context = JudgingContext

    /// Index of the objective in the configuration's order.
    package let objective: Int
    /// The objective.
    package let definition: ObjectiveDefinition
    /// Its indicator, where the unit of that changes at a date.
    private let dated: IndicatorDefinition?
    /// What is demanded.
    let demand: any Demand
    let comparison: LimitComparison
    private let calendar: SiteCalendar
    /// About how far the ends of two windows lie apart, in milliseconds.
    let step: Int64
    var account: PeriodAccount?
    var row = EpisodeRow()
    /// What the demand remembers of the windows before.
    var past: [Double] = []

    /// The judge of the objective at that index, over windows of its indicator, before its first window.
    package init(
        _ definition: ObjectiveDefinition, objective: Int, indicator: IndicatorDefinition, calendar: SiteCalendar
    ) {
        self.objective = objective
        dated = indicator.changesUnit ? indicator : nil
        self.definition = definition
        demand = definition.requirement.demand
        self.calendar = calendar
        step = WindowRule(grid: indicator.rule.grid).nominalLength
        comparison = LimitComparison(decimals: definition.decimals)
        account = demand.period.map {
            PeriodAccount(per: $0, windows: indicator.rule, calendar: calendar)
        }
    }

    /// The episode that lasts, as known so far.
    package var ongoing: Episode? { row.episode(of: objective) }

    /// The onset of the row or episode that is under way; nil in quiet times.
    package var underWaySince: Instant? { row.isQuiet ? nil : row.onset }

    /// Judges the next window: its verdict, and what it did to the objective's episode (nothing, or one event).
    ///
    /// The verdict is nil where the window is not judged at all (`active`, `while`); such a window neither counts nor breaks a row.
    package mutating func judge(_ value: IndicatorValue, _ context: Context) -> (JudgedWindow?, [EpisodeEvent]) {
        // What is no window any more says nothing.
        if value.flags.contains(.withdrawn) { return (nil, []) }
        account?.enter(value.window)
        var context = context
        context.past = past
        addUp(value, context)
        guard isJudged(value.window, context) else { return (nil, []) }
        var finding = demand.finding(of: value, context, comparison, in: &account)
        var reason: VerdictReason?
        if account?.isForeign == true || context.isBaselineForeign || isMixed(value.window, context) {
            (finding.verdict, reason) = (.notEvaluable, .definitionChanged)
            if let limit = demand.limitBeforeAnyIsBroken { finding.limit = limit }
        } else if value.flags.contains(.definitionChanged), finding.verdict == .notEvaluable {
            reason = .definitionChanged
        }
        if row.raisedAt != nil, let clearAt = definition.clearAt, let shown = finding.value {
            finding.countsForClearing =
                demand.hasLowerLimitOnly ? !comparison.isBelow(shown, clearAt) : !comparison.isAbove(shown, clearAt)
        }
        let event = row.take(
            finding, value.window, raiseAfter: definition.raiseAfter, clearAfter: definition.clearAfter,
            objective: objective)
        let judged = JudgedWindow(
            objective: objective, window: value.window, verdict: finding.verdict, value: finding.value,
            limit: finding.limit, memory: memory,
            reason: reason)
        return (judged, event.map { [$0] } ?? [])
    }

    /// Whether the period of a window also holds windows of another unit, from before a date (Rules 13).
    private func isMixed(_ window: Window, _ context: Context) -> Bool {
        guard let dated, let period = account?.period else { return false }
        return dated.unit(at: max(period.start, context.recordStart)) != dated.unit(at: window.start)
    }

    private func isJudged(_ window: Window, _ context: Context) -> Bool {
        if let active = definition.active, !active.contains(window) { return false }
        if let during = definition.during, !during.contains(window, in: calendar) { return false }
        return definition.guardIndicator == nil || context.guardHolds == true
    }

    /// Adds a window to its period's account, judged or not.
    mutating func addUp(_ value: IndicatorValue, _ context: Context) {
        past = demand.remembered(after: value, context)
        guard var account else { return }
        demand.addUp(value, context, comparison, in: &account)
        self.account = account
    }
}
