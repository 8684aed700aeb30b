import Synchronization

/// The windows of a rule in a site's calendar, in order of their ends.
package struct WindowSequence: Sendable {
    /// The rule.
    package let rule: WindowRule
    /// The calendar that places its edges.
    package let calendar: SiteCalendar
    private let memo = EdgeMemo()
    /// In milliseconds: a window that ends after another one begins at most so much earlier, and none that ends more than
    /// that after it begins earlier at all. 0 where windows begin in the order in which they end.
    ///
    /// Rolling windows of the calendar can do so: where the clock is set back, by the change; and rolling months, because
    /// the last days of a longer month all have the last day of a shorter one as theirs (Rules 7).
    package let disorder: Int64
    /// Whether a rolling window may have no length, because its whole length is a day that the zone skipped.
    package let mayBeEmpty: Bool

    /// The windows of `rule` in `calendar`.
    package init(_ rule: WindowRule, calendar: SiteCalendar) {
        self.rule = rule
        self.calendar = calendar
        if let length = rule.rolling, length.elapsedMilliseconds == nil {
            let isInMonths = [.months, .quarters, .years].contains(length.step)
            disorder = calendar.greatestChange + (isInMonths ? 3 * 86_400_000 : 0)
            mayBeEmpty = length == CalendarLength(1, .days) && calendar.greatestChange >= 86_400_000
        } else {
            disorder = 0
            mayBeEmpty = false
        }
    }

    /// The earliest window that ends after the instant; one of no length is left out.
    package func first(endingAfter instant: Instant) -> Window {
        var window = window(endingAt: edge(after: instant))
        while mayBeEmpty, window.start >= window.end { window = self.window(endingAt: edge(after: window.end)) }
        return window
    }

    /// The window after one of this sequence; one of no length is left out.
    package func next(after window: Window) -> Window {
        if rule.rolling == nil { return Window(start: window.end, end: edge(after: window.end)) }
        return first(endingAfter: window.end)
    }

    /// The window that ends first of those that start at or after the instant.
    package func first(startingAtOrAfter instant: Instant) -> Window {
        var window = first(endingAfter: instant)
        while window.start < instant, window.end < .distantFuture { window = next(after: window) }
        return window
    }

    /// The windows that lie wholly inside the stretch, in order of their ends.
    package func windows(inside stretch: Window) -> [Window] {
        var found: [Window] = []
        var window = first(endingAfter: stretch.start)
        while window.end <= stretch.end, window.end < .distantFuture {
            if window.start >= stretch.start { found.append(window) }
            window = next(after: window)
        }
        return found
    }

    /// The number of windows whose end lies in `(after, upTo]`.
    package func count(endingAfter after: Instant, upTo: Instant) -> Int {
        var count = 0
        var window = first(endingAfter: after)
        while window.end <= upTo, window.end < .distantFuture {
            count += 1
            window = next(after: window)
        }
        return count
    }

    /// The window that ends at this edge of the grid; it may have no length.
    private func window(endingAt end: Instant) -> Window {
        if let length = rule.rolling {
            return Window(start: calendar.instant(length, before: end), end: end)
        }
        return Window(start: edge(before: end), end: end)
    }

    /// The first edge of the grid after the instant; the end of time where there is none.
    package func edge(after instant: Instant) -> Instant {
        var date = dayOrPeriodStart(calendar.date(instant))
        while true {
            if let edge = edges(of: date).first(after: instant) { return edge }
            if calendar.start(of: date) == .distantFuture { return .distantFuture }
            date = next(date)
        }
    }

    /// The last edge of the grid before the instant; the begin of time where there is none.
    package func edge(before instant: Instant) -> Instant {
        var date = next(dayOrPeriodStart(calendar.date(instant)))
        while true {
            if let edge = edges(of: date).last(before: instant) { return edge }
            if calendar.start(of: date) == .distantPast { return .distantPast }
            date = previous(date)
        }
    }

    private func dayOrPeriodStart(_ date: CivilDate) -> CivilDate {
        switch rule.grid {
        case .week: CivilDate(dayNumber: date.dayNumber - date.daysSinceMonday)
        case .months(let months): date.firstDay(ofMonths: months)
        case .beginning(let begin): begin.firstDay(of: date)
        case .partOfDay, .day, .shifts: date
        }
    }

    private func previous(_ date: CivilDate) -> CivilDate {
        switch rule.grid {
        case .week: CivilDate(dayNumber: date.dayNumber - 7)
        case .months(let months): date.adding(months: -months)
        case .beginning(let begin): begin.firstDay(-1, after: date)
        case .partOfDay, .day, .shifts: CivilDate(dayNumber: date.dayNumber - 1)
        }
    }

    private func next(_ date: CivilDate) -> CivilDate {
        switch rule.grid {
        case .week: CivilDate(dayNumber: date.dayNumber + 7)
        case .months(let months): date.adding(months: months)
        case .beginning(let begin): begin.firstDay(1, after: date)
        case .partOfDay, .day, .shifts: CivilDate(dayNumber: date.dayNumber + 1)
        }
    }

    private func edges(of date: CivilDate) -> EdgeList {
        let start = calendar.start(of: date)
        switch rule.grid {
        case .day, .week, .months, .beginning(.week), .beginning(.months): return .listed([start])
        case .beginning(.day(let time)):
            return .listed([calendar.firstInstant(local: Int64(date.dayNumber) * 86_400_000 + time)])
        case .shifts(let times):
            var edges: [Instant] = []
            for time in times {
                let edge = calendar.firstInstant(local: Int64(date.dayNumber) * 86_400_000 + time)
                if edge != edges.last { edges.append(edge) }
            }
            return .listed(edges)
        case .partOfDay(let length):
            let end = calendar.start(of: CivilDate(dayNumber: date.dayNumber + 1))
            let changes = calendar.changes(after: start - 1, upTo: end - 1)
            guard let greatest = changes.map({ abs($0.after - $0.before) }).max() else {
                // A day that the zone skipped has no edges; any other is even.
                return start < end ? .even(start: start, step: length, count: 86_400_000 / length) : .listed([])
            }
            // Windows no longer than the change are elapsed time.
            if length <= greatest {
                return .even(start: start, step: length, count: (end - start + length - 1) / length)
            }
            return .listed(
                memo.edges(of: date.dayNumber) {
                    let midnight = Int64(date.dayNumber) * 86_400_000
                    let edges = (0..<(86_400_000 / length)).map { calendar.firstInstant(local: midnight + $0 * length) }
                    return Set(edges).filter { $0 >= start && $0 < end }.sorted()
                })
        }
    }
}

/// The edges of one day: evenly spaced on most days, a list on days with a change of the clock.
private enum EdgeList {
    case even(start: Instant, step: Int64, count: Int64)
    case listed([Instant])

    func first(after instant: Instant) -> Instant? {
        switch self {
        case .listed(let edges):
            let index = EdgeList.count(of: edges, upTo: instant)
            return index < edges.count ? edges[index] : nil
        case .even(let start, let step, let count):
            if instant < start { return start }
            let index = (instant - start) / step + 1
            return index < count ? start + index * step : nil
        }
    }

    func last(before instant: Instant) -> Instant? {
        switch self {
        case .listed(let edges):
            let index = EdgeList.count(of: edges, upTo: instant - 1)
            return index > 0 ? edges[index - 1] : nil
        case .even(let start, let step, let count):
            if instant <= start { return nil }
            return start + min((instant - start - 1) / step, count - 1) * step
        }
    }

    /// How many of the ascending edges are not after an instant.
    private static func count(of edges: [Instant], upTo instant: Instant) -> Int {
        var low = 0
        var high = edges.count
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The edges of the day looked at last on which the clock changes: a day of seconds has 86400 of them.
private final class EdgeMemo: Sendable {
    private let last = Mutex<(day: Int, edges: [Instant])?>(nil)

    /// The edges of a day, made anew where another day was looked at before.
    func edges(of day: Int, make: () -> [Instant]) -> [Instant] {
        if let known = last.withLock({ $0 }), known.day == day { return known.edges }
        let made = make()
        last.withLock { $0 = (day, made) }
        return made
    }
}
