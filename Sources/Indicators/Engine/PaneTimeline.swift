import DequeModule
import Metering

/// The panes of time of one indicator: the edges of its windows, so that a window is a run of panes.
///
/// Pane `i` is `[edges[i], edges[i + 1])`.
final class PaneTimeline {
    private let sequence: WindowSequence
    private(set) var edges: Deque<Int64>
    /// The window that closes next.
    private(set) var next: Window
    /// Rolling windows: the earliest window that starts after the last edge, found so far.
    private var ahead: Window
    private var lanes: [any Lane] = []
    /// Whether the first window is the only one, whatever the sequence says.
    private let once: Bool

    init(_ sequence: WindowSequence, first: Window, once: Bool) {
        self.sequence = sequence
        self.once = once
        next = first
        ahead = first
        edges = []
        edges = [earliestStart.milliseconds]
    }

    /// The earliest start among the windows to come.
    ///
    /// Where the clock is set back, a rolling window of the calendar can begin before the one that ended before it.
    private var earliestStart: Instant {
        guard !once, let length = sequence.rule.rolling, length.elapsedMilliseconds == nil else { return next.start }
        var earliest = next.start
        var window = next
        while window.end < next.end + 3 * 3_600_000 {
            window = sequence.next(after: window)
            earliest = min(earliest, window.start)
        }
        return earliest
    }

    func attach(_ lane: any Lane) { lanes.append(lane) }

    /// Makes panes up to that time.
    @inline(__always)
    func extend(to time: Int64) {
        if edges[edges.count - 1] < time { grow(to: time) }
    }

    private func grow(to time: Int64) {
        var last = edges[edges.count - 1]
        while last < time {
            last = edge(after: last)
            edges.append(last)
            for lane in lanes { lane.appendPane() }
        }
    }

    private func edge(after time: Int64) -> Int64 {
        if once { return time < next.end.milliseconds ? next.end.milliseconds : Instant.distantFuture.milliseconds }
        let end = sequence.edge(after: Instant(milliseconds: time)).milliseconds
        guard sequence.rule.rolling != nil else { return end }
        while ahead.start.milliseconds <= time { ahead = sequence.next(after: ahead) }
        return min(end, ahead.start.milliseconds)
    }

    /// The pane that holds the time, which must lie within the panes.
    @inline(__always)
    func pane(at time: Int64) -> Int {
        var index = edges.count - 2
        while edges[index] > time { index -= 1 }
        return index
    }

    /// The panes of a window that have been made.
    func panes(of window: Window) -> Range<Int> {
        var low = 0
        while low < edges.count - 1, edges[low] < window.start.milliseconds { low += 1 }
        // Windows are asked for oldest first, and nearly always end at one of the newest edges.
        var high = edges.count - 1
        while high > low, edges[high] > window.end.milliseconds { high -= 1 }
        return low..<high
    }

    /// Goes on to the next window and forgets the panes before it.
    func closeNext() {
        next = once ? Window(start: next.end, end: .distantFuture) : sequence.next(after: next)
        let needed = earliestStart.milliseconds
        var stale = 0
        while stale < edges.count - 1, edges[stale + 1] <= needed { stale += 1 }
        guard stale > 0 else { return }
        edges.removeFirst(stale)
        for lane in lanes { lane.dropPanes(stale) }
    }
}

/// Something that follows a signal or a condition over the panes of one indicator.
protocol Lane: AnyObject {
    /// Takes the signal as it stood into account up to that time.
    func integrate(to time: Int64)
    func appendPane()
    func dropPanes(_ count: Int)
}
