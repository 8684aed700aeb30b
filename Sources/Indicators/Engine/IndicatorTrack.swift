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
    /// Every point used, also through other indicators: what a window waits for.
    let awaited: [PointIndex]
    /// How long a window waits at most, in milliseconds.
    let grace: Int64
    /// The indicators its formula uses.
    let sources: [ValueSeries]
    private let table: SignalTable
    /// The end of the window closed last.
    var closedEnd = Int64.min

    init(
        index: Int, definition: IndicatorDefinition, timeline: PaneTimeline, plan: IndicatorPlan, table: SignalTable,
        awaited: [PointIndex], sources: [ValueSeries]
    ) {
        self.index = index
        self.definition = definition
        self.table = table
        self.awaited = awaited
        self.sources = sources
        grace = definition.grace ?? 2 * (awaited.map { plan.points[Int($0)].maxGap }.max() ?? 0)
        self.timeline = timeline
        let gate = definition.condition.map { ConditionLane($0, table: table, timeline: timeline, gate: nil) }
        self.gate = gate
        var needs: [PointIndex: AccumulatorNeeds] = [:]
        var order: [PointIndex] = []
        var conditionLanes: [Condition<PointIndex>: ConditionLane] = [:]
        for leaf in definition.formula.leaves {
            for point in leaf.points where needs[point] == nil {
                needs[point] = plan.points[Int(point)].kind == .counter ? [] : .readingQuality
                order.append(point)
            }
            switch leaf {
            case .point(.delta, let point), .point(.rate, let point), .point(.coverage, let point):
                needs[point, default: []].insert(.advanceQuality)
            case .point(.count, let point), .point(.first, let point), .point(.last, let point):
                needs[point, default: []].insert(.readingQuality)
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
        guard clock >= end else { return false }
        if byGrace, clock - end >= grace { return true }
        for point in awaited {
            if table.signals[Int(point)].usableTime < end { return false }
            if let ledger = ledgers[Int(point)], !ledger.suspects.isEmpty { return false }
        }
        for source in sources where source.nextEnd <= end { return false }
        return true
    }

    /// Closes the next window.
    func close(ledgers: [CounterLedger?]) -> IndicatorValue {
        let window = next
        let end = window.end.milliseconds
        gate?.integrate(to: end)
        for lane in pointLanes { lane.integrate(to: end) }
        for lane in conditionLanes.values { lane.integrate(to: end) }
        let value = evaluate(window, now: end, ledgers: ledgers, revision: 1)
        closedEnd = end
        timeline.closeNext()
        return value
    }

    /// The value over a window as far as it is known at `now`.
    func evaluate(_ window: Window, now: Int64, ledgers: [CounterLedger?], revision: Int) -> IndicatorValue {
        var assembly = ValueAssembly(window: window, definition: definition)
        if let gate { assembly.take(gate: gate.total(over: window, now: now)) }
        for lane in pointLanes {
            let ledger = ledgers[Int(lane.point)]
            let pending = ledger?.suspects ?? []
            let (total, held) = lane.total(over: window, now: now, pending: pending)
            assembly.take(lane.point, total, heldAtStart: held)
            if let accepted = ledger?.accepted, let last = pending.last,
                accepted.time < window.end.milliseconds, last.time > window.start.milliseconds
            {
                assembly.flags.insert(.suspect)
            }
        }
        for (condition, lane) in conditionLanes { assembly.take(condition, lane.total(over: window, now: now)) }
        for source in sources { assembly.take(source.index, source.inside(window)) }
        return assembly.value(indicator: index, revision: revision)
    }
}
