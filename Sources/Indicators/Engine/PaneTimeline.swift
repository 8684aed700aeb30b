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
    /// Rolling windows: the one looked at last for the edges at which windows start, and of these the starts after the
    /// last edge, ascending.
    private var ahead: Window
    private var starts: Deque<Int64>
    /// The latest of the starts.
    private var latestStart: Int64
    /// Rolling windows of the calendar: those after the next one that may begin before it, and of these each that begins
    /// before all those after it.
    private var coming: Deque<Window> = []
    private var earliest: Deque<Window> = []
    private var lanes: [any Lane] = []
    /// Whether the first window is the only one, whatever the sequence says.
    private let once: Bool
    /// The end of the last window that is wanted: all time after it is one pane.
    private let limit: Int64

    init(_ sequence: WindowSequence, first: Window, once: Bool, through limit: Int64 = .max) {
        self.sequence = sequence
        self.once = once
        self.limit = limit
        next = first
        ahead = first
        starts = [first.start.milliseconds]
        latestStart = first.start.milliseconds
        edges = []
        edges = [earliestStart().milliseconds]
    }

    /// The length of the grid on which windows end, in milliseconds, about.
    var unit: Int64 { sequence.rule.step }

    /// The earliest start among the windows to come.
    ///
    /// A rolling window of the calendar can begin before the one that ended before it. Each window is looked at once.
    private func earliestStart() -> Instant {
        guard !once, sequence.disorder > 0 else { return next.start }
        while (coming.last ?? next).end < next.end + sequence.disorder {
            let window = sequence.next(after: coming.last ?? next)
            coming.append(window)
            while let last = earliest.last, last.start >= window.start { earliest.removeLast() }
            earliest.append(window)
        }
        return min(next.start, earliest.first?.start ?? next.start)
    }

    private func goOn() {
        guard !once else {
            next = Window(start: next.end, end: .distantFuture)
            return
        }
        next = coming.popFirst() ?? sequence.next(after: next)
        if earliest.first == next { earliest.removeFirst() }
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
        if time >= limit { return Instant.distantFuture.milliseconds }
        if once { return time < next.end.milliseconds ? next.end.milliseconds : Instant.distantFuture.milliseconds }
        let end = sequence.edge(after: Instant(milliseconds: time)).milliseconds
        guard sequence.rule.rolling != nil else { return end }
        while let first = starts.first, first <= time { starts.removeFirst() }
        // The next start is known when no window to come can begin before it.
        while latestStart - sequence.disorder < min(end, starts.first ?? end) {
            ahead = sequence.next(after: ahead)
            insert(start: ahead.start.milliseconds, after: time)
        }
        return min(end, starts.first ?? end)
    }

    private func insert(start: Int64, after time: Int64) {
        latestStart = max(latestStart, start)
        guard start > time else { return }
        var index = starts.endIndex
        while index > 0, starts[index - 1] > start { index -= 1 }
        if index == 0 || starts[index - 1] != start { starts.insert(start, at: index) }
    }

    /// The pane that holds the time, which must lie within the panes.
    @inline(__always)
    func pane(at time: Int64) -> Int {
        // Nearly always one of the newest.
        for index in stride(from: edges.count - 2, through: max(0, edges.count - 4), by: -1) where edges[index] <= time
        {
            return index
        }
        return firstEdge(from: 0, after: time) - 1
    }

    /// The panes of a window that have been made.
    func panes(of window: Window) -> Range<Int> {
        var low = 0
        // Windows are asked for oldest first, and nearly always begin and end at one of the outer edges.
        while low < min(4, edges.count - 1), edges[low] < window.start.milliseconds { low += 1 }
        if edges[low] < window.start.milliseconds {
            low = min(firstEdge(from: low, after: window.start.milliseconds - 1), edges.count - 1)
        }
        var high = edges.count - 1
        while high > max(low, edges.count - 4), edges[high] > window.end.milliseconds { high -= 1 }
        if high > low, edges[high] > window.end.milliseconds {
            high = max(low, firstEdge(from: low, after: window.end.milliseconds) - 1)
        }
        return low..<high
    }

    /// The first edge after a time, looked for by halves: after a pause there are as many panes as it had windows.
    private func firstEdge(from start: Int, after time: Int64) -> Int {
        var (low, high) = (start, edges.count)
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Goes on to the next window and forgets the panes before it.
    func closeNext() {
        goOn()
        let needed = earliestStart().milliseconds
        var stale = 0
        while stale < edges.count - 1, edges[stale + 1] <= needed { stale += 1 }
        guard stale > 0 else { return }
        for lane in lanes { lane.dropPanes(edges.prefix(stale)) }
        edges.removeFirst(stale)
    }
}

/// Something that follows a signal or a condition over the panes of one indicator.
protocol Lane: AnyObject {
    /// Takes the signal as it stood into account up to that time.
    func integrate(to time: Int64)
    func appendPane()
    /// Forgets the oldest panes, which start at those times.
    func dropPanes(_ starts: some Collection<Int64>)
}
