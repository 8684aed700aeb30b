/// A moment in UTC, in whole milliseconds since 1970.
///
/// All arithmetic in the program is on this integer; local calendars are reached only through ``SiteCalendar``. It ends
/// at ``distantPast`` and ``distantFuture``, whatever is asked of it: so no time that somebody writes can overflow, and
/// the difference of any two instants is a number.
package struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before. From a quarter of the least number to one of the largest.
    package let milliseconds: Int64

    /// The instant at that many milliseconds since 1970, or the end of time on that side.
    @inlinable package init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Int64.min / 4), Int64.max / 4)
    }

    /// Earlier than every instant a meter can report.
    package static let distantPast = Instant(milliseconds: Int64.min / 4)
    /// Later than every instant a meter can report.
    package static let distantFuture = Instant(milliseconds: Int64.max / 4)

    // Each of them: what the library makes of one alone is called through tables by every other room.
    @inlinable package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    @inlinable package static func <= (a: Instant, b: Instant) -> Bool { a.milliseconds <= b.milliseconds }
    @inlinable package static func > (a: Instant, b: Instant) -> Bool { a.milliseconds > b.milliseconds }
    @inlinable package static func >= (a: Instant, b: Instant) -> Bool { a.milliseconds >= b.milliseconds }
    @inlinable package static func == (a: Instant, b: Instant) -> Bool { a.milliseconds == b.milliseconds }

    /// The instant that many milliseconds later, or the end of time.
    @inlinable package static func + (a: Instant, milliseconds: Int64) -> Instant {
        let (sum, overflows) = a.milliseconds.addingReportingOverflow(milliseconds)
        return overflows ? (milliseconds < 0 ? distantPast : distantFuture) : Instant(milliseconds: sum)
    }

    /// The instant that many milliseconds earlier, or the end of time.
    @inlinable package static func - (a: Instant, milliseconds: Int64) -> Instant {
        let (difference, overflows) = a.milliseconds.subtractingReportingOverflow(milliseconds)
        return overflows ? (milliseconds < 0 ? distantFuture : distantPast) : Instant(milliseconds: difference)
    }

    /// The elapsed milliseconds from `b` to `a`.
    @inlinable package static func - (a: Instant, b: Instant) -> Int64 { a.milliseconds - b.milliseconds }
}

/// A half-open stretch of time `[start, end)`: a reading at `end` belongs to the next window.
package struct Window: Hashable, Sendable {
    /// The first instant inside.
    package var start: Instant
    /// The first instant after it.
    package var end: Instant

    /// The stretch from `start` up to, not including, `end`.
    @inlinable package init(start: Instant, end: Instant) {
        self.start = start
        self.end = end
    }

    /// Elapsed milliseconds.
    @inlinable package var length: Int64 { end - start }

    /// Whether the instant lies inside.
    @inlinable package func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }

    /// Whether the other window lies wholly inside.
    @inlinable package func contains(_ other: Window) -> Bool { start <= other.start && other.end <= end }

    /// Whether the two share any time.
    @inlinable package func overlaps(_ other: Window) -> Bool { start < other.end && other.start < end }
}
