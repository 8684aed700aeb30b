import Metering
import PlantAPI

/// What a report is about: a stretch of local days, and what it is compared with.
package struct ReportPeriod: Sendable, Hashable {
    /// The stretch itself.
    package let stretch: Window
    /// The stretch of the same length before it, whole months where it is whole months.
    package let before: Window
    /// The same dates a year before.
    package let yearBefore: Window
    package let calendar: PeriodCalendar

    /// Dates of a calendar; the calendar itself is not compared.
    package struct PeriodCalendar: Sendable, Hashable {
        package let site: SiteCalendar
        package static func == (a: PeriodCalendar, b: PeriodCalendar) -> Bool { a.site.identifier == b.site.identifier }
        package func hash(into hasher: inout Hasher) { hasher.combine(site.identifier) }
    }

    /// The period between two times as `--from` and `--to` take them; a date, or `today`, as `to` is included, as people say it.
    ///
    /// Throws a ``CommandError`` (64) where one is no time, or the period has no length.
    package init(from: String, to: String, now: Instant, calendar: SiteCalendar) throws {
        let start = try TimeBound.instant(from, option: "--from", now: now, calendar: calendar)
        var end = try TimeBound.instant(to, option: "--to", now: now, calendar: calendar)
        let named = to == "today" ? calendar.date(now) : to.count == 10 ? CivilDate(to) : nil
        if let day = named { end = calendar.start(of: CivilDate(dayNumber: day.dayNumber + 1)) }
        guard start < end else { throw CommandError(.usage, "a report needs a --from before its --to") }
        self.init(Window(start: start, end: end), calendar)
    }

    init(_ stretch: Window, _ calendar: SiteCalendar) {
        self.stretch = stretch
        self.calendar = PeriodCalendar(site: calendar)
        let (first, end) = (calendar.date(stretch.start), calendar.date(stretch.end))
        let (a, b) = (first.components, end.components)
        let months = (b.year - a.year) * 12 + b.month - a.month
        let isMonths =
            a.day == b.day && months > 0 && calendar.start(of: first) == stretch.start
            && calendar.start(of: end) == stretch.end
        let earlier = isMonths ? calendar.start(of: first.adding(months: -months)) : stretch.start - stretch.length
        before = Window(start: earlier, end: stretch.start)
        yearBefore = Window(
            start: calendar.instant(CalendarLength(1, .years), before: stretch.start),
            end: calendar.instant(CalendarLength(1, .years), before: stretch.end))
    }

    /// The local days, first and last.
    var days: (first: CivilDate, last: CivilDate) {
        (calendar.site.date(stretch.start), calendar.site.date(stretch.end - 1))
    }
}
