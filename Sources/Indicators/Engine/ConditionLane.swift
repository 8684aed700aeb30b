import DequeModule
import Metering

/// A condition over held points as it stands now, and until when at most.
struct ConditionState {
    /// Nil where there is none: it always holds.
    let condition: Condition<PointIndex>?
    let inputs: [PointIndex]
    private(set) var truth: Bool?
    /// The first millisecond at which an input is held no more.
    private(set) var expiry = Int64.min

    init(_ condition: Condition<PointIndex>?) {
        self.condition = condition
        inputs = Array(Set(condition?.leaves ?? [])).sorted()
    }

    /// Looks again, after a reading of one of the inputs at that time.
    mutating func refresh(_ table: SignalTable, at time: Int64) {
        truth = condition.map { $0.holds { table.held($0, at: time) } } ?? true
        expiry = truth == nil ? .min : .max
        for input in inputs { expiry = min(expiry, table.signals[Int(input)].holdEnd) }
    }
}

/// A condition followed over time: an indicator's `while` and `during` (its gate), or one of `hours` and `share`.
final class ConditionLane: Lane {
    private(set) var state: ConditionState
    private let table: SignalTable
    private let timeline: PaneTimeline
    /// The indicator's `while`, which restricts this lane; nil for the gate itself.
    private let gate: ConditionLane?
    private var panes: Deque<ConditionAccumulator> = []
    private var blocks: PaneBlocks<ConditionAccumulator>
    private var cursor: Int64
    /// Of a gate: the time outside of which it is closed, whatever the condition says.
    private var during: GateTime?

    init(
        _ condition: Condition<PointIndex>?, during: GateTime? = nil, table: SignalTable, timeline: PaneTimeline,
        gate: ConditionLane?
    ) {
        self.during = during
        state = ConditionState(condition)
        self.table = table
        self.timeline = timeline
        self.gate = gate
        cursor = timeline.edges[0]
        blocks = PaneBlocks(unit: timeline.unit)
        // A condition without points is as it is from the start.
        if state.inputs.isEmpty { state.refresh(table, at: cursor) }
    }

    func appendPane() { panes.append(ConditionAccumulator()) }
    func dropPanes(_ starts: some Collection<Int64>) {
        panes.removeFirst(starts.count)
        for start in starts { blocks.forget(start) }
    }

    /// Looks at the inputs again after a reading at that time.
    func refresh(at time: Int64) { state.refresh(table, at: time) }

    /// Whether it holds at a time at which its inputs have been looked at.
    @inline(__always)
    func holds(at time: Int64) -> Bool {
        state.truth == true && time < state.expiry && during?.stretch(at: time).isInside ?? true
    }

    /// The stretches of time in which it holds, from one time to another, as its inputs stand now.
    @inline(__always)
    func forEachHeld(from time: Int64, to end: Int64, _ body: (_ start: Int64, _ end: Int64) -> Void) {
        guard state.truth == true else { return }
        let end = min(end, state.expiry)
        guard time < end else { return }
        if during == nil {
            body(time, end)
        } else {
            during?.forEachStretch(from: time, to: end) { start, end, isInside in if isInside { body(start, end) } }
        }
    }

    func integrate(to time: Int64) {
        guard time > cursor else { return }
        timeline.extend(to: time)
        visit(to: time) { pane, milliseconds, holds in
            blocks.change(at: timeline.edges[pane])
            panes[pane].known += milliseconds
            if holds { panes[pane].held += milliseconds }
        }
        if gate == nil {
            visitUncertain(to: time) { pane in
                blocks.change(at: timeline.edges[pane])
                panes[pane].isUncertain = true
            }
        }
        cursor = time
    }

    /// The panes in which an uncertain reading of an input is held, whether the condition is known there or not.
    private func visitUncertain(to time: Int64, _ body: (Int) -> Void) {
        for input in state.inputs where table.signals[Int(input)].isUncertain {
            let end = min(time, table.signals[Int(input)].holdEnd)
            let start = max(cursor, timeline.edges[0])
            guard start < end else { continue }
            for pane in timeline.pane(at: start)...timeline.pane(at: end - 1) { body(pane) }
        }
    }

    /// The time since the last event in which it is known, pane by pane.
    private func visit(to time: Int64, _ body: (Int, Int64, Bool) -> Void) {
        let start = max(cursor, timeline.edges[0])
        let end = min(time, state.expiry)
        if let gate {
            guard let truth = state.truth else { return }
            gate.forEachHeld(from: start, to: end) { visit(from: $0, to: $1, truth, body) }
        } else if during != nil {
            // Outside of its calendar time it is known to be closed.
            during?.forEachStretch(from: start, to: time) { start, stop, isInside in
                if !isInside {
                    visit(from: start, to: stop, false, body)
                } else if let truth = state.truth {
                    visit(from: start, to: min(stop, end), truth, body)
                }
            }
        } else if let truth = state.truth {
            visit(from: start, to: end, truth, body)
        }
    }

    private func visit(from: Int64, to end: Int64, _ truth: Bool, _ body: (Int, Int64, Bool) -> Void) {
        var start = from
        guard start < end else { return }
        var pane = timeline.pane(at: start)
        while start < end {
            let edge = min(end, timeline.edges[pane + 1])
            body(pane, edge - start, truth)
            start = edge
            pane += 1
        }
    }

    /// The sums over a window, with the time since the last event up to `now` where that lies inside.
    func total(over window: Window, now: Int64) -> ConditionAccumulator {
        let limit = min(now, window.end.milliseconds)
        timeline.extend(to: max(limit, window.start.milliseconds))
        let range = timeline.panes(of: window)
        var total = blocks.sum(of: range, edges: timeline.edges, panes: panes)
        if cursor < limit {
            visit(to: limit) { pane, milliseconds, holds in
                guard range.contains(pane) else { return }
                total.known += milliseconds
                if holds { total.held += milliseconds }
            }
            visitUncertain(to: limit) { if range.contains($0) { total.isUncertain = true } }
        }
        return total
    }
}
