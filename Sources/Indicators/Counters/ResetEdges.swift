import Metering

/// The edges after which a counter begins anew.
struct ResetEdges {
    private let sequence: WindowSequence
    /// The period of the calendar that was looked at last.
    private var period = Window(start: .distantPast, end: .distantPast)

    init(_ period: ResetPeriod) { sequence = WindowSequence(period.rule, calendar: period.calendar) }

    /// The last edge at or before the time.
    mutating func edge(before time: Int64) -> Int64 {
        let instant = Instant(milliseconds: time)
        if !period.contains(instant) {
            period = Window(start: sequence.edge(before: instant + 1), end: sequence.edge(after: instant))
        }
        return period.start.milliseconds
    }
}
