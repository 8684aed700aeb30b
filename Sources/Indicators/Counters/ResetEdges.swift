import Metering

/// The edges after which a counter begins anew, and whether it has since the last one.
struct ResetEdges {
    private let sequence: WindowSequence
    /// The period of the calendar that was looked at last.
    private var period = Window(start: .distantPast, end: .distantPast)
    private var last: Int64?

    init(_ period: ResetPeriod) { sequence = WindowSequence(period.rule, calendar: period.calendar) }

    /// The last edge at or before the time.
    mutating func edge(before time: Int64) -> Int64 {
        let instant = Instant(milliseconds: time)
        if !period.contains(instant) {
            period = Window(start: sequence.edge(before: instant + 1), end: sequence.edge(after: instant))
        }
        return period.start.milliseconds
    }

    /// Whether the counter has not begun anew yet since the last edge at or before the time.
    mutating func isDue(at time: Int64) -> Bool {
        let edge = edge(before: time)
        return last.map { $0 < edge } ?? true
    }

    /// The counter began anew.
    mutating func happened(at time: Int64) { last = time }
}
