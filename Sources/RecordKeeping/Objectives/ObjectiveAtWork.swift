import Conformity
import Indicators
import Metering
import Storage

/// What judging one window found, before it has its number.
package struct ObjectiveFinding {
    package var objective: Int
    package var event: EpisodeEvent
    package var judged: JudgedWindow
    package var value: IndicatorValue

    /// What judging a window found.
    package init(objective: Int, event: EpisodeEvent, judged: JudgedWindow, value: IndicatorValue) {
        self.objective = objective
        self.event = event
        self.judged = judged
        self.value = value
    }
}

/// One objective at work: its judge, and the values that wait for its guard.
package final class ObjectiveAtWork {
    package let index: Int
    package let definition: ObjectiveDefinition
    package let indicator: IndicatorDefinition
    package var judge: ObjectiveJudge
    /// Closed values whose guard has not closed yet.
    package var waiting: [IndicatorValue] = []
    /// The verdict before, of a window that could be judged.
    package var lastVerdict: Verdict?
    /// The baseline as computed last; forgotten when one of its values is revised.
    package var baseline: (value: Double?, isForeign: Bool)?
    /// The model of its indicator as fitted last; forgotten when a value of its period is revised. Nil inside: not usable.
    package var model: ModelFit??
    package let calendar: SiteCalendar
    /// The name under which its nonconformities are on record: the present one.
    package var name: String
    /// Windows that end after this instant are judged: from then on the demand is in force.
    package var since = Instant.distantPast
    /// Whether windows from before its demand were closed since it began: what it adds up in its period begins with them.
    package var isToBeginAnew = false
    /// Of a demand that was replaced: windows that end after this instant are not its.
    package var until = Instant.distantFuture
    /// Of a demand that was replaced: up to where it judges what another definition of its indicator closed.
    package var judgesThrough: Instant?
    /// Of a configuration that was replaced: whether the demand ended with it.
    package var isAtWork = true
    /// Whether what lasts at its end is withdrawn then.
    package var isWithdrawnAtEnd = false

    package init(_ index: Int, _ definition: ObjectiveDefinition, plan: IndicatorPlan) {
        self.index = index
        self.definition = definition
        name = definition.name
        calendar = plan.calendar
        indicator = plan.indicators[definition.indicator]
        judge = ObjectiveJudge(definition, objective: index, indicator: indicator, calendar: calendar)
    }

    /// Puts revised values in the place of those that wait to be judged.
    package func reviseWaiting(_ revised: [IndicatorValue]) {
        guard !waiting.isEmpty else { return }
        for value in revised {
            guard let index = waiting.firstIndex(where: { $0.window == value.window }) else { continue }
            waiting[index] = value
        }
    }

    /// The last verdict about a window that ends before an instant, with the judge's memory.
    package func lastVerdict(before end: Instant, _ reader: StoreReader) throws -> JudgedWindow? {
        try reader.lastVerdict(index, before: end - 1)
    }

    /// A judge as it stood after a verdict (nil: before the first window); windows after it that were not judged must be seen
    /// once more.
    package func newJudge(after last: JudgedWindow?) -> ObjectiveJudge {
        var judge = ObjectiveJudge(definition, objective: index, indicator: indicator, calendar: calendar)
        if let last { judge.memory = last.memory }
        return judge
    }
}
