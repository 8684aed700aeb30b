import DequeModule
import Metering

/// One indicator as it goes through time: its open windows, and what their values are made of.
final class IndicatorTrack {
    let index: Int
    let definition: IndicatorDefinition
    let timeline: PaneTimeline
    let gate: ConditionLane?
    /// One for each point of the formula.
    let pointLanes: [PointLane]
    /// One for each condition of `hours` and `share`.
    let conditionLanes: [Condition<PointIndex>: ConditionLane]
    /// The formulas in the order in which they come into force; at least one.
    private let versions: [FormulaVersion]
    /// The indicators it is computed from.
    let sources: [ValueSeries]
    /// What compares with a baseline in place of a formula.
    let model: ModelTrack?
    private let table: SignalTable
    private let plan: IndicatorPlan
    /// Whether what a window waits for follows from its time, because an indicator behind it changes at a date.
    private let hasDatedSources: Bool
    /// What the next window waits for, where that is so.
    private var awaited: (window: Window, awaited: FormulaVersion.Awaited)?
    /// The end of the window closed last.
    var closedEnd = Int64.min
    /// The days that count of its only window; nil: all of it does.
    private let days: [Window]?
    /// No window that ends after it closes.
    let limit: Int64

    init(
        index: Int, definition: IndicatorDefinition, timeline: PaneTimeline, plan: IndicatorPlan, table: SignalTable,
        sources: [ValueSeries], through limit: Int64 = .max, days: [Window]? = nil
    ) {
        self.days = days
        self.index = index
        self.limit = limit
        self.definition = definition
        self.table = table
        self.plan = plan
        self.sources = sources
        hasDatedSources = definition.indicators.contains(where: plan.isDated)
        versions = FormulaVersion.all(of: definition, index, plan: plan, sources: sources)
        model = definition.model.flatMap { ModelTrack($0, sources: sources) }
        self.timeline = timeline
        let time = GateTime(
            during: definition.during.map { RecurringClock($0, calendar: plan.calendar) }, days: days)
        let gate =
            definition.condition != nil || time != nil
            ? ConditionLane(definition.condition, during: time, table: table, timeline: timeline, gate: nil) : nil
        self.gate = gate
        var needs: [PointIndex: AccumulatorNeeds] = [:]
        var order: [PointIndex] = []
        var conditionLanes: [Condition<PointIndex>: ConditionLane] = [:]
        for leaf in definition.leaves {
            for point in leaf.points where needs[point] == nil {
                needs[point] = []
                order.append(point)
            }
            switch leaf {
            case .point(.stddev, let point): needs[point, default: []].insert(.deviations)
            case .percentile(let point, _): needs[point, default: []].insert(.samples)
            case .hours(let condition), .share(let condition):
                if conditionLanes[condition] == nil {
                    conditionLanes[condition] = ConditionLane(condition, table: table, timeline: timeline, gate: gate)
                }
            default: break
            }
        }
        self.conditionLanes = conditionLanes
        pointLanes = order.map { point in
            PointLane(
                point, isCounter: plan.points[Int(point)].kind == .counter, needs: needs[point] ?? [], table: table,
                timeline: timeline, gate: gate)
        }
        if let gate { timeline.attach(gate) }
        for lane in pointLanes { timeline.attach(lane) }
        for lane in conditionLanes.values { timeline.attach(lane) }
    }

    /// The window that closes next.
    var next: Window { timeline.next }

    /// Whether the next window may close: every point has spoken after it and is not suspect, or the grace is over.
    func mayClose(clock: Int64, ledgers: [CounterLedger?], byGrace: Bool) -> Bool {
        let end = next.end.milliseconds
        guard clock >= end, end <= limit else { return false }
        let version = version(of: next)
        let awaited = awaited(version)
        if byGrace, clock - end >= awaited.grace { return true }
        for point in awaited.points {
            if table.signals[Int(point)].usableTime < end { return false }
            if let ledger = ledgers[Int(point)], !ledger.suspects.isEmpty { return false }
        }
        for source in version.sources where source.nextEnd <= end { return false }
        return true
    }

    private func awaited(_ version: FormulaVersion) -> FormulaVersion.Awaited {
        guard hasDatedSources else { return version.awaited }
        if let awaited, awaited.window == next { return awaited.awaited }
        let leaves = model == nil ? version.formula.leaves : definition.indicators.map { .values(.count, $0) }
        let points = plan.pointsUsed(by: leaves, definition.condition, over: next)
        let made = FormulaVersion.Awaited(points, of: definition, plan: plan)
        awaited = (next, made)
        return made
    }

    /// The formula that a window belongs to: the one in force at its start (Rules 6).
    private func version(of window: Window) -> FormulaVersion {
        var index = versions.count - 1
        while index > 0, versions[index].from > window.start { index -= 1 }
        return versions[index]
    }

    /// Closes the next window.
    func close(ledgers: [CounterLedger?]) -> IndicatorValue {
        let window = next
        let end = window.end.milliseconds
        gate?.integrate(to: end)
        for lane in pointLanes { lane.integrate(to: end) }
        for lane in conditionLanes.values { lane.integrate(to: end) }
        let value = evaluate(window, now: end, ledgers: ledgers, revision: 1)
        model?.closed(value)
        closedEnd = end
        timeline.closeNext()
        return value
    }

    /// The value over a window as far as it is known at `now`.
    func evaluate(_ window: Window, now: Int64, ledgers: [CounterLedger?], revision: Int) -> IndicatorValue {
        if let model { return model.value(over: window, indicator: index, revision: revision) }
        let version = version(of: window)
        let length = days.map { $0.reduce(0) { $0 + $1.length } } ?? window.length
        var assembly = ValueAssembly(
            window: window, length: length, definition: definition, formula: version.formula)
        if let gate { assembly.take(gate: gate.total(over: window, now: now)) }
        for lane in pointLanes {
            guard let watched = version.points[lane.point] else { continue }
            let ledger = ledgers[Int(lane.point)]
            let pending = ledger?.suspects ?? []
            let (total, held) = lane.total(over: window, now: now, pending: pending, isClosing: revision > 0)
            assembly.take(lane.point, total, heldAtStart: held, watched: watched)
            if let accepted = ledger?.accepted, let last = pending.last,
                accepted.time < window.end.milliseconds, last.time > window.start.milliseconds
            {
                assembly.flags.insert(.suspect)
            }
        }
        for (condition, lane) in conditionLanes where version.conditions.contains(condition) {
            assembly.take(condition, lane.total(over: window, now: now))
        }
        if version.breaks.contains(where: { window.start <= $0 && $0 + 1 < window.end }) { assembly.takeBreak() }
        for source in version.sources { assembly.take(source.index, excerpt(of: source, window)) }
        return assembly.value(indicator: index, revision: revision)
    }

    /// The values of another indicator over windows inside a window; where days are counted, inside those that follow each other.
    private func excerpt(of source: ValueSeries, _ window: Window) -> ValueSeries.Excerpt {
        guard let days else { return source.inside(window) }
        var joined: [Window] = []
        for day in days {
            if joined.last?.end == day.start { joined[joined.count - 1].end = day.end } else { joined.append(day) }
        }
        var excerpt = ValueSeries.Excerpt()
        for stretch in joined { excerpt.append(source.inside(stretch)) }
        return excerpt
    }
}
