import Metering

/// Ticks of the time axis at steps of the local calendar; days of 23 and 25 hours have their true length.
package struct TimeTicks: Sendable {
    /// A tick and what stands at it.
    package struct Tick: Sendable, Hashable {
        package var instant: Instant
        package var text: String
        /// Whether a larger step of the calendar begins here: a day among hours, a month among days, a year among months.
        package var isMajor: Bool
    }

    /// The ticks, ascending.
    package let ticks: [Tick]

    private enum Step {
        case elapsed(Int64)
        case days(Int)
        case months(Int)
    }

    private static let steps: [(step: Step, length: Int64)] =
        [1, 2, 5, 10, 15, 30].map { (.elapsed($0 * 1000), $0 * 1000) }
        + [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map { (.elapsed($0 * 60_000), $0 * 60_000) }
        + [1, 2, 7, 14].map { (.days($0), Int64($0) * 86_400_000) }
        + [1, 2, 3, 6, 12, 24, 60, 120].map { (.months($0), Int64($0) * 2_629_800_000) }

    /// At most so many ticks in a stretch.
    package init(_ stretch: Window, _ calendar: SiteCalendar, atMost most: Int) {
        let chosen = TimeTicks.steps.first { stretch.length / $0.length <= Int64(max(1, most)) }?.step ?? .months(120)
        switch chosen {
        case .elapsed(let step): ticks = TimeTicks.hours(stretch, calendar, step)
        case .days(let days): ticks = TimeTicks.days(stretch, calendar, days)
        case .months(let months): ticks = TimeTicks.months(stretch, calendar, months)
        }
    }

    private static func hours(_ stretch: Window, _ calendar: SiteCalendar, _ step: Int64) -> [Tick] {
        var found: [Tick] = []
        var day = calendar.date(stretch.start)
        while calendar.start(of: day) < stretch.end {
            let midnight = Int64(day.dayNumber) * 86_400_000
            for offset in stride(from: Int64(0), to: 86_400_000, by: Int(step)) {
                let instant = calendar.firstInstant(local: midnight + offset)
                guard stretch.contains(instant), found.last?.instant != instant else { continue }
                let text = offset == 0 ? ChartText.day(day) : ChartText.clock(instant, calendar)
                found.append(Tick(instant: instant, text: text, isMajor: offset == 0))
            }
            day = CivilDate(dayNumber: day.dayNumber + 1)
        }
        return found
    }

    private static func days(_ stretch: Window, _ calendar: SiteCalendar, _ step: Int) -> [Tick] {
        var found: [Tick] = []
        var day = calendar.date(stretch.start)
        // Weeks begin with Monday.
        if step >= 7 { day = CivilDate(dayNumber: day.dayNumber - day.daysSinceMonday) }
        while calendar.start(of: day) < stretch.end {
            let instant = calendar.start(of: day)
            if stretch.contains(instant) {
                found.append(Tick(instant: instant, text: ChartText.day(day), isMajor: day.components.day == 1))
            }
            day = CivilDate(dayNumber: day.dayNumber + step)
        }
        return found
    }

    private static func months(_ stretch: Window, _ calendar: SiteCalendar, _ step: Int) -> [Tick] {
        var found: [Tick] = []
        let first = calendar.date(stretch.start)
        var day = step < 12 ? first.firstDay(ofMonths: step) : first.firstDay(ofMonths: 12)
        while calendar.start(of: day) < stretch.end {
            let instant = calendar.start(of: day)
            let (year, month, _) = day.components
            if stretch.contains(instant) {
                found.append(
                    Tick(
                        instant: instant, text: month == 1 ? String(year) : ChartText.months[month - 1],
                        isMajor: month == 1))
            }
            day = day.adding(months: step)
        }
        return found
    }
}
