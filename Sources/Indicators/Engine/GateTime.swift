import Metering

/// When a gate may be open at all: in a time of the calendar, and on the days that count.
struct GateTime {
    private var during: RecurringClock?
    /// Ascending and apart from each other.
    private let days: [Window]?

    /// The time in both; nil where neither says anything.
    init?(during: RecurringClock?, days: [Window]?) {
        if during == nil, days == nil { return nil }
        self.during = during
        self.days = days
    }

    /// Whether a time is in it, and up to when at least that stays so.
    mutating func stretch(at time: Int64) -> (isInside: Bool, end: Int64) {
        var found = (isInside: true, end: Int64.max)
        if let clocked = during?.stretch(at: time) { found = clocked }
        guard let days else { return found }
        var (low, high) = (0, days.count)
        while low < high {
            let middle = (low + high) / 2
            if days[middle].end.milliseconds <= time { low = middle + 1 } else { high = middle }
        }
        guard low < days.count else { return (false, .max) }
        if time < days[low].start.milliseconds { return (false, days[low].start.milliseconds) }
        return (found.isInside, min(found.end, days[low].end.milliseconds))
    }

    /// Goes over the stretches of time from one time to another.
    mutating func forEachStretch(
        from start: Int64, to end: Int64, _ body: (_ start: Int64, _ end: Int64, _ isInside: Bool) -> Void
    ) {
        var time = start
        while time < end {
            let stretch = stretch(at: time)
            let next = min(end, stretch.end)
            body(time, next, stretch.isInside)
            time = next
        }
    }
}
