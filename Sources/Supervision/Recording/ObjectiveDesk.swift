import Conformity
import Indicators
import Metering
import Storage

/// What judging one window found, before it has its number.
struct ObjectiveFinding {
    var objective: Int
    var event: EpisodeEvent
    var judged: JudgedWindow
    var value: IndicatorValue
}

/// One objective at work: its judge, and the values that wait for its guard.
final class ObjectiveDesk {
    let index: Int
    let definition: ObjectiveDefinition
    let indicator: IndicatorDefinition
    var judge: ObjectiveJudge
    /// Closed values whose guard has not closed yet.
    var waiting: [IndicatorValue] = []
    /// The verdict before, of a window that could be judged.
    var lastVerdict: Verdict?
    /// The baseline as computed last; forgotten when one of its values is revised.
    var baseline: Double??
    let calendar: SiteCalendar

    init(_ index: Int, _ definition: ObjectiveDefinition, plan: IndicatorPlan) {
        self.index = index
        self.definition = definition
        calendar = plan.calendar
        indicator = plan.indicators[definition.indicator]
        judge = ObjectiveJudge(definition, objective: index, indicator: indicator, calendar: calendar)
    }

    /// Puts the judge back to before a window (nil: to before the first), by the memory of the last verdict.
    ///
    /// - Returns: the end of the last window judged then; windows after it that were not judged must be seen once more.
    @discardableResult
    func rewind(to start: Window?, _ reader: StoreReader) throws -> JudgedWindow? {
        judge = ObjectiveJudge(definition, objective: index, indicator: indicator, calendar: calendar)
        waiting = []
        let end = start.map { $0.end - 1 } ?? .distantFuture
        guard let last = try reader.lastVerdict(index, before: end) else {
            lastVerdict = nil
            return nil
        }
        judge.memory = last.memory
        lastVerdict = last.verdict
        return last
    }

    /// Puts the judge where it stood at the last commit; what was closed and not judged since is queued.
    func restore(from reader: StoreReader, closedEnd: Instant?) throws {
        baseline = nil
        let last = try rewind(to: nil, reader)
        guard let closedEnd else { return }
        let since = Window(start: last?.window.end ?? .distantPast, end: closedEnd)
        try reader.values(definition.indicator, overlapping: since) { waiting.append($0) }
    }
}
