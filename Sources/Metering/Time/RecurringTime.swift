/// Time that comes again with the calendar, named in `calendars`: the night, working hours, the rest (Rules 7).
///
/// An instant belongs to it by its own local day and its own local time: the small hours of a Saturday are Saturday's, also in a night
/// that began on Friday. An edge is the first instant at which the clock shows its time, as for windows.
package struct RecurringTime: Hashable, Sendable {
    /// What holidays are.
    package enum Holidays: String, Hashable, Sendable, CaseIterable {
        /// Days like any other.
        case like = "true"
        /// Never in it.
        case without = "false"
        /// Nothing but holidays is in it.
        case only
    }

    /// Days since Monday on which it is, ascending.
    package var weekdays: [Int]
    /// Stretches of the local day in milliseconds since midnight, ascending and apart from each other.
    package var hours: [Range<Int64>]
    package var holidays: Holidays
    /// The site's holidays as days since 1970, ascending; none where they do not matter.
    package var dates: [Int]
    /// Whether it is all time but that.
    package var isInverted: Bool

    /// The time on those weekdays in those hours; hours that go over midnight are two stretches.
    package init(
        weekdays: [Int] = Array(0...6), hours: [Range<Int64>] = [0..<86_400_000], holidays: Holidays = .like,
        dates: [Int] = [], isInverted: Bool = false
    ) {
        self.weekdays = weekdays.sorted()
        self.holidays = holidays
        self.dates = holidays == .like ? [] : dates.sorted()
        self.isInverted = isInverted
        var joined: [Range<Int64>] = []
        for part in hours.sorted(by: { $0.lowerBound < $1.lowerBound }) where !part.isEmpty {
            if let last = joined.last, part.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
            } else {
                joined.append(part)
            }
        }
        self.hours = joined
    }

    /// All time but this.
    package var inverted: RecurringTime {
        var other = self
        other.isInverted.toggle()
        return other
    }

    /// Whether the whole window lies in it.
    package func contains(_ window: Window, in calendar: SiteCalendar) -> Bool {
        var clock = RecurringClock(self, calendar: calendar)
        var time = window.start.milliseconds
        while time < window.end.milliseconds {
            let stretch = clock.stretch(at: time)
            guard stretch.isInside else { return false }
            time = stretch.end
        }
        return true
    }

    /// The stretches of a local day that are in it, before it is inverted.
    fileprivate func parts(of date: CivilDate, in calendar: SiteCalendar) -> [Window] {
        guard weekdays.contains(date.daysSinceMonday) else { return [] }
        switch holidays {
        case .like: break
        case .without: if dates.contains(date.dayNumber) { return [] }
        case .only: if !dates.contains(date.dayNumber) { return [] }
        }
        let midnight = Int64(date.dayNumber) * 86_400_000
        return hours.map {
            Window(
                start: calendar.firstInstant(local: midnight + $0.lowerBound),
                end: calendar.firstInstant(local: midnight + $0.upperBound))
        }
    }
}

/// A recurring time as it goes on: whether an instant is in it, and until when that stays so.
package struct RecurringClock: Sendable {
    private let time: RecurringTime
    private let calendar: SiteCalendar
    /// The stretch that was looked at last.
    private var known: (start: Int64, end: Int64, isInside: Bool) = (.max, .max, false)

    /// The clock of a recurring time in a site's calendar.
    package init(_ time: RecurringTime, calendar: SiteCalendar) {
        self.time = time
        self.calendar = calendar
    }

    /// Whether an instant is in it, and up to when at least that stays so: the next edge, or the end of the local day.
    package mutating func stretch(at instant: Int64) -> (isInside: Bool, end: Int64) {
        if instant < known.start || instant >= known.end { look(at: instant) }
        return (known.isInside, known.end)
    }

    private mutating func look(at instant: Int64) {
        let date = calendar.date(Instant(milliseconds: instant))
        let end = calendar.start(of: CivilDate(dayNumber: date.dayNumber + 1)).milliseconds
        known = (calendar.start(of: date).milliseconds, end, time.isInverted)
        for part in time.parts(of: date, in: calendar) {
            let (start, end) = (part.start.milliseconds, part.end.milliseconds)
            if end <= instant {
                known.start = max(known.start, end)
            } else if start <= instant {
                known = (start, end, !time.isInverted)
                return
            } else if start < end {
                known.end = min(known.end, start)
                return
            }
        }
    }
}
