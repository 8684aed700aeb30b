import DequeModule
import Metering

/// One point followed over the panes of one indicator.
final class PointLane: Lane {
    let point: PointIndex
    private let isCounter: Bool
    private let needs: AccumulatorNeeds
    private let table: SignalTable
    private let timeline: PaneTimeline
    private let gate: ConditionLane?
    private var panes: Deque<PointAccumulator> = []
    private var blocks: PaneBlocks<PointAccumulator>
    /// Percentiles over rolling windows: the readings of the panes that start in `[from, to)`, in ascending order.
    private var ranked: (values: SortedValues, from: Int64, to: Int64) = (SortedValues(), .max, .min)
    private var cursor: Int64
    /// Counters behind a gate: when it held since the last decided reading, because an advance is spread only when it is known.
    private var open: [(from: Int64, to: Int64)] = []

    init(
        _ point: PointIndex, isCounter: Bool, needs: AccumulatorNeeds, table: SignalTable, timeline: PaneTimeline,
        gate: ConditionLane?
    ) {
        self.point = point
        self.isCounter = isCounter
        self.needs = needs
        self.table = table
        self.timeline = timeline
        self.gate = gate
        cursor = timeline.edges[0]
        blocks = PaneBlocks(unit: timeline.unit)
    }

    func appendPane() { panes.append(PointAccumulator()) }

    func dropPanes(_ starts: some Collection<Int64>) {
        if ranked.from < ranked.to {
            for (index, start) in starts.enumerated() where start >= ranked.from && start < ranked.to {
                for value in panes[index].samples { ranked.values.remove(value) }
            }
            ranked.from = max(ranked.from, timeline.edges[starts.count])
        }
        panes.removeFirst(starts.count)
        for start in starts { blocks.forget(start) }
    }

    func integrate(to time: Int64) {
        guard time > cursor else { return }
        timeline.extend(to: time)
        let signal = table.signals[Int(point)]
        let from = cursor
        cursor = time
        guard let gate else {
            integrate(from: max(from, timeline.edges[0]), to: time, signal)
            return
        }
        gate.forEachHeld(from: from, to: time) { start, end in
            if isCounter {
                if let last = open.last, last.to == start {
                    open[open.count - 1].to = end
                } else {
                    open.append((start, end))
                }
            }
            integrate(from: max(start, timeline.edges[0]), to: end, signal)
        }
    }

    /// Takes the signal as it stands into account over a stretch that counts.
    @inline(__always)
    private func integrate(from start: Int64, to stop: Int64, _ signal: HeldSignal) {
        guard start < stop else { return }
        noteStart(from: start, to: stop, signal)
        let end = min(stop, signal.holdEnd)
        guard !isCounter, start < end else { return }
        forEachPane(from: start, to: end) { pane, milliseconds in
            panes[pane].hold(signal.value, milliseconds: milliseconds, isUncertain: signal.isUncertain)
        }
    }

    @inline(__always)
    private func forEachPane(from: Int64, to end: Int64, _ body: (_ pane: Int, _ milliseconds: Int64) -> Void) {
        var start = from
        var pane = timeline.pane(at: start)
        while start < end {
            blocks.change(at: timeline.edges[pane])
            let edge = min(end, timeline.edges[pane + 1])
            body(pane, edge - start)
            start = edge
            pane += 1
        }
    }

    /// Time counts from `from` on: in the panes in which none did before, what is held there is what their first instant shows.
    private func noteStart(from: Int64, to end: Int64, _ signal: HeldSignal) {
        var pane = timeline.pane(at: from)
        while pane < panes.count, timeline.edges[pane] < end {
            if panes[pane].heldAtStart == .notReached {
                blocks.change(at: timeline.edges[pane])
                panes[pane].heldAtStart = startValue(at: max(from, timeline.edges[pane]), signal)
            }
            pane += 1
        }
    }

    private func startValue(at time: Int64, _ signal: HeldSignal) -> StartValue {
        time < signal.holdEnd ? .held(signal.value, isUncertain: signal.isUncertain) : .unheld(at: time)
    }

    /// Takes a usable reading; the gate must have been refreshed at its time.
    @inline(__always)
    func sample(_ value: Double, at time: Int64, isUncertain: Bool) {
        if let gate, !gate.holds(at: time) { return }
        record(value, at: time, isUncertain: isUncertain)
    }

    private func record(_ value: Double, at time: Int64, isUncertain: Bool) {
        guard time >= timeline.edges[0] else { return }
        timeline.extend(to: time + 1)
        let pane = timeline.pane(at: time)
        blocks.change(at: timeline.edges[pane])
        if time < ranked.to { ranked = (SortedValues(), .max, .min) }
        panes[pane].sample(value, isUncertain: isUncertain, needs: needs)
    }

    /// Takes a counter's reading that was believed only later; the gate is looked up in its past.
    func sampleLate(_ sample: CounterSample) {
        holdLate(sample)
        if gate != nil, !open.contains(where: { $0.from <= sample.time && sample.time < $0.to }) {
            self.sample(sample.value, at: sample.time, isUncertain: sample.isUncertain, ifNewest: true)
            return
        }
        record(sample.value, at: sample.time, isUncertain: sample.isUncertain)
    }

    /// Puts right what was noted while the reading was not believed: what began while it was held began with it.
    private func holdLate(_ sample: CounterSample) {
        let end = min(sample.holdEnd, timeline.edges[timeline.edges.count - 1])
        var start = max(sample.time, timeline.edges[0])
        guard start < end else { return }
        // The pane that holds the reading may have begun to count only after it.
        start = timeline.edges[timeline.pane(at: start)]
        forEachPane(from: start, to: end) { pane, _ in
            if let value = panes[pane].heldAtStart.believing(sample) { panes[pane].heldAtStart = value }
        }
    }

    private func sample(_ value: Double, at time: Int64, isUncertain: Bool, ifNewest: Bool) {
        // At the newest instant the gate's present state decides: nothing was integrated from there on yet.
        if time == cursor { sample(value, at: time, isUncertain: isUncertain) }
    }

    /// Spreads a decided advance over the panes.
    func spread(_ advance: Advance) {
        timeline.extend(to: advance.to)
        if gate == nil {
            spread(advance, from: advance.from, to: advance.to)
        } else {
            // The flag is about the window, whatever its condition did (Rules 8).
            let start = max(advance.from, timeline.edges[0])
            if advance.isSuspect, start < advance.to {
                forEachPane(from: start, to: advance.to) { pane, _ in panes[pane].flags.insert(.suspect) }
            }
            for part in open where part.from < advance.to && part.to > advance.from {
                spread(advance, from: max(part.from, advance.from), to: min(part.to, advance.to))
            }
        }
    }

    private func spread(_ advance: Advance, from: Int64, to end: Int64) {
        let start = max(from, timeline.edges[0])
        guard start < end else { return }
        let whole = advance.to - advance.from
        forEachPane(from: start, to: end) { pane, milliseconds in
            let part = milliseconds == whole ? advance.amount : advance.amount * (Double(milliseconds) / Double(whole))
            panes[pane].advance(part, covered: milliseconds, of: advance)
        }
    }

    /// Forgets what the gate did before the last decided reading.
    func forgetGate(before time: Int64) {
        if !open.isEmpty { open.removeAll { $0.to <= time } }
    }

    /// The sums over a window, with the time since the last event up to `now` where that lies inside, and the suspects pending.
    ///
    /// A window that is closing will not change any more.
    func total(
        over window: Window, now: Int64, pending: [CounterSample], isClosing: Bool
    ) -> (PointAccumulator, heldAtStart: Double?) {
        let limit = min(now, window.end.milliseconds)
        timeline.extend(to: max(limit, window.start.milliseconds))
        let range = timeline.panes(of: window)
        var total = blocks.sum(of: range, edges: timeline.edges, panes: panes)
        if needs.contains(.samples) {
            total.samples = []
            if isClosing, range.count > 8 {
                total.ranked = ranks(of: range)
            } else {
                for index in range { total.samples.append(contentsOf: panes[index].samples) }
            }
        }
        var held = total.heldAtStart
        let signal = table.signals[Int(point)]
        if cursor < limit {
            let start = max(cursor, window.start.milliseconds)
            func add(_ start: Int64, _ stop: Int64) {
                if held == .notReached, start < stop { held = startValue(at: start, signal) }
                let end = min(stop, signal.holdEnd)
                guard !isCounter, start < end else { return }
                total.hold(signal.value, milliseconds: end - start, isUncertain: signal.isUncertain)
            }
            if let gate { gate.forEachHeld(from: start, to: limit, add) } else { add(start, limit) }
        }
        for sample in pending { held = held.believing(sample) ?? held }
        for sample in pending where window.contains(Instant(milliseconds: sample.time)) {
            if gate == nil || open.contains(where: { $0.from <= sample.time && sample.time < $0.to }) {
                total.sample(sample.value, isUncertain: sample.isUncertain, needs: needs)
            }
        }
        guard case .held(let value, let isUncertain) = held else { return (total, nil) }
        if isUncertain, total.count == 0 { total.uncertain.insert(.atStart) }
        return (total, value)
    }

    /// The readings of those panes in ascending order: what left the window since the last time is taken away, and what came is added.
    private func ranks(of range: Range<Int>) -> SortedValues {
        let (from, to) = (timeline.edges[range.lowerBound], timeline.edges[range.upperBound])
        if from < ranked.from || to < ranked.to || from >= ranked.to {
            ranked = (SortedValues(), from, from)
        }
        var index = range.lowerBound
        while index > 0, timeline.edges[index - 1] >= ranked.from {
            index -= 1
            for value in panes[index].samples { ranked.values.remove(value) }
        }
        index = range.upperBound
        while index > range.lowerBound, timeline.edges[index - 1] >= ranked.to {
            index -= 1
            for value in panes[index].samples { ranked.values.insert(value) }
        }
        ranked.from = from
        ranked.to = to
        return ranked.values
    }
}

extension StartValue {
    /// With a reading that was not believed when this was noted; nil where that changes nothing.
    fileprivate func believing(_ sample: CounterSample) -> StartValue? {
        guard case .unheld(let time) = self, sample.time <= time, time < sample.holdEnd else { return nil }
        return .held(sample.value, isUncertain: sample.isUncertain)
    }
}
