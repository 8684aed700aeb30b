/// Where the windows of a calendar length begin when it is not at the calendar's own edge: gas days, billing months, financial
/// years (Rules 7).
package enum CalendarBegin: Hashable, Sendable {
    /// Days from a local time, in milliseconds since midnight; above 0.
    case day(time: Int64)
    /// Weeks from a weekday, in days since Monday: 1 to 6.
    case week(day: Int)
    /// Periods of 1, 3 or 12 months from a day of the month, on the month's last day where it has no such day; `month` counts
    /// from the first month of the period that begins with January.
    case months(Int, month: Int, day: Int)

    /// The first day of the period that holds a local day; of days from a time, the day itself.
    func firstDay(of date: CivilDate) -> CivilDate {
        switch self {
        case .day: return date
        case .week(let day): return CivilDate(dayNumber: date.dayNumber - (date.daysSinceMonday - day + 7) % 7)
        case .months(let months, let month, let day):
            let (year, now, _) = date.components
            let index = Int(floorDivide(Int64(year * 12 + now - 1 - month), Int64(months))) * months + month
            let first = CalendarBegin.day(day, ofMonth: index)
            return first <= date ? first : CalendarBegin.day(day, ofMonth: index - months)
        }
    }

    /// The first day of a period so many later than the one that begins with a day.
    func firstDay(_ periods: Int, after first: CivilDate) -> CivilDate {
        switch self {
        case .day: return CivilDate(dayNumber: first.dayNumber + periods)
        case .week: return CivilDate(dayNumber: first.dayNumber + 7 * periods)
        case .months(let months, _, let day):
            let (year, month, _) = first.components
            return CalendarBegin.day(day, ofMonth: year * 12 + month - 1 + periods * months)
        }
    }

    /// A day of a month, which is counted from year 0, or its last day.
    private static func day(_ day: Int, ofMonth index: Int) -> CivilDate {
        let first = CivilDate(dayNumber: 0).adding(months: index - 1970 * 12)
        return CivilDate(dayNumber: min(first.dayNumber + day - 1, first.adding(months: 1).dayNumber - 1))
    }
}
