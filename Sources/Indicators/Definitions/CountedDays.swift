/// What the windows of an indicator are made of that has the last days that counted (Rules 7).
package struct CountedDays: Sendable, Hashable {
    /// So many days.
    package var count: Int
    /// Index of the daily indicator whose valid values above 0 make their days count.
    package var when: Int
    /// Index of the hidden indicator with the same formula over each of those days: a day is over when both have closed theirs.
    package var day: Int

    /// So many days that count by one indicator and are watched by another.
    package init(_ count: Int, when: Int, day: Int) {
        self.count = count
        self.when = when
        self.day = day
    }
}
