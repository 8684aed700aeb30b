extension Instant {
    /// The times that a record may hold: from 1970 through the year 2100 (Rules 2).
    ///
    /// Whatever brings a time in (a recording, an operator, a configuration) is refused outside of it: a mistyped year
    /// would otherwise leave centuries of windows to close.
    package static let recordable =
        Instant(milliseconds: 0)..<Instant(milliseconds: 4_133_980_800_000)
}
