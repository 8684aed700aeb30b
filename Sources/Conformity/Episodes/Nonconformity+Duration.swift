import Metering

extension Nonconformity {
    /// How long its windows were not met in all, in milliseconds; time that several rolling windows share counts once.
    package var timeNotMet: Int64 {
        var total: Int64 = 0
        var reached = Int64.min
        for window in windows where window.verdict == Verdict.notMet.text {
            let start = max(window.start, reached)
            if start < window.end { total += window.end - start }
            reached = max(reached, window.end)
        }
        return total
    }

    /// From its onset until the row was complete that cleared it, in milliseconds; nil while it lasts.
    ///
    /// It is more than the time not met wherever windows without a verdict, or a row of windows met, come in between.
    package var timeUntilCleared: Int64? { clearedAt.map { $0 - onset } }

    /// The limit on which it was raised: that of the first window not met; nil where there is no such window.
    package var limitAtRaising: Double? { windows.first { $0.verdict == Verdict.notMet.text }?.limit ?? limit }
}
