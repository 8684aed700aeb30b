import DequeModule
import Metering

/// The closed values of an indicator that others are computed from, as long as one of their windows is open.
final class ValueSeries {
    /// The values of one window of another indicator.
    struct Excerpt {
        /// In order of their ends.
        var valid: [Double] = []
        /// The windows that the calendar has inside, idle ones left out.
        var windows = 0
        var flags: IndicatorFlags = []
        /// Whether another definition made some of the windows, or the unit changes among them.
        var isForeign = false

        /// Adds what a later stretch has.
        mutating func append(_ next: Excerpt) {
            valid += next.valid
            windows += next.windows
            flags.formUnion(next.flags)
            isForeign = isForeign || next.isForeign
        }
    }

    let index: Int
    private let sequence: WindowSequence
    /// Its definition, where its unit changes at a date.
    private let dated: IndicatorDefinition?
    private var values: Deque<IndicatorValue> = []
    /// Windows that a definition of another unit or other windows made.
    private var foreign: [Window] = []
    private(set) var closedEnd = Int64.min
    /// The end of the window that closes next.
    var nextEnd = Int64.max
    /// Values of baseline periods, which are not forgotten, by the ends of their windows.
    private var kept: [Instant: IndicatorValue] = [:]
    private var keptStretches: [Window] = []
    /// Grows with each value taken into the baseline periods.
    private(set) var keptChanges = 0

    init(index: Int, sequence: WindowSequence, definition: IndicatorDefinition) {
        self.index = index
        self.sequence = sequence
        dated = definition.changesUnit ? definition : nil
    }

    /// Takes the value of the window after the last, or a revision of one that is still kept.
    func take(_ value: IndicatorValue) {
        if keptStretches.contains(where: { $0.contains(value.window) }), kept[value.window.end] != value {
            kept[value.window.end] = value
            keptChanges += 1
        }
        if value.window.end.milliseconds > closedEnd {
            values.append(value)
            closedEnd = value.window.end.milliseconds
            return
        }
        let position = position(of: value.window.end)
        if position < values.endIndex, values[position].window == value.window {
            values[position] = value
        } else if position < values.endIndex {
            values.insert(value, at: position)
        }
    }

    /// Remembers a window that a definition of another unit or other windows made.
    func takeForeign(_ window: Window) {
        guard !foreign.contains(window) else { return }
        foreign.append(window)
    }

    /// The place of the first value whose window ends at or after an instant.
    private func position(of end: Instant) -> Int {
        var low = values.startIndex
        var high = values.endIndex
        while low < high {
            let middle = (low + high) / 2
            if values[middle].window.end < end { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Forgets what ends at or before the instant.
    func forget(before start: Instant) {
        while let first = values.first, first.window.start < start { values.removeFirst() }
        if let first = foreign.first, first.start < start { foreign.removeAll { $0.start < start } }
    }

    /// Remembers the values of windows inside a stretch that are taken from now on.
    func keep(_ stretch: Window) { if !keptStretches.contains(stretch) { keptStretches.append(stretch) } }

    /// The remembered values of windows inside a stretch, in order.
    func kept(in stretch: Window) -> [IndicatorValue] {
        kept.values.filter { stretch.contains($0.window) }.sorted { $0.window.end < $1.window.end }
    }

    /// The remembered value of that very window.
    func keptValue(of window: Window) -> IndicatorValue? {
        kept[window.end].flatMap { $0.window == window ? $0 : nil }
    }

    /// The value of that very window.
    func value(of window: Window) -> IndicatorValue? {
        let position = position(of: window.end)
        return position < values.endIndex && values[position].window == window ? values[position] : nil
    }

    /// What a window of another indicator sees.
    func inside(_ window: Window) -> Excerpt {
        var excerpt = Excerpt()
        excerpt.isForeign = foreign.contains { window.contains($0) }
        var missing = window
        var idle = 0
        var low = values.startIndex
        var high = values.endIndex
        while low < high {
            let middle = (low + high) / 2
            if values[middle].window.end <= window.start { low = middle + 1 } else { high = middle }
        }
        while low < values.endIndex, values[low].window.end <= window.end {
            let value = values[low]
            low += 1
            // Rolling windows do not always begin in the order in which they end.
            guard value.window.start >= window.start else { continue }
            if excerpt.windows == 0 { missing.end = value.window.end }
            if let dated, dated.unit(at: value.window.start) != dated.unit(at: window.end - 1) {
                excerpt.isForeign = true
            }
            excerpt.windows += 1
            if value.flags.contains(.idle) { idle += 1 }
            guard value.status == .valid, let number = value.value else { continue }
            excerpt.valid.append(number)
            excerpt.flags.formUnion(value.flags.intersection([.estimated, .suspect, .uncertain]))
        }
        // Windows before the first value and after the last one are the calendar's all the same.
        if excerpt.windows == 0 {
            excerpt.windows = sequence.windows(inside: window).count
        } else {
            excerpt.windows += sequence.windows(inside: missing).count - 1
            if closedEnd < window.end.milliseconds {
                let after = Window(start: window.start, end: window.end)
                let known = Instant(milliseconds: closedEnd)
                excerpt.windows += sequence.windows(inside: after).count { $0.end > known }
            }
        }
        excerpt.windows -= idle
        return excerpt
    }
}
