/// A day of the proleptic Gregorian calendar, without a zone.
package struct CivilDate: Hashable, Comparable, Sendable {
    /// The first and the last day are further away than any ``Instant``.
    private static let furthest = 30_000_000_000

    /// Days since 1970-01-01.
    package let dayNumber: Int

    /// The day that many days after 1970-01-01, or the last day there is on that side.
    package init(dayNumber: Int) {
        self.dayNumber = min(max(dayNumber, -CivilDate.furthest), CivilDate.furthest)
    }

    /// The day of a year, month (1 to 12) and day of month; nil for a date that does not exist, or is further away than
    /// any ``Instant``.
    package init?(year: Int, month: Int, day: Int) {
        guard (-80_000_000...80_000_000).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysIn(month: month, year: year)
        else { return nil }
        // Days from civil, after Howard Hinnant's public-domain algorithm: years are counted from March.
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        dayNumber = era * 146_097 + dayOfEra - 719_468
    }

    /// The day written as `2026-11-01`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month (1 to 12) and day of month.
    package var components: (year: Int, month: Int, day: Int) {
        let z = dayNumber + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// Days since the Monday of the same week: 0 on a Monday, 6 on a Sunday.
    package var daysSinceMonday: Int {
        // 1970-01-01 was a Thursday.
        ((dayNumber + 3) % 7 + 7) % 7
    }

    /// The weekdays as they are written, from Monday.
    package static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The same day of the month that many months later, or the month's last day where it has no such day; the last day
    /// there is where there is no such month.
    package func adding(months: Int) -> CivilDate {
        let (year, month, day) = components
        let most = 1_000_000_000
        let index = year * 12 + month - 1 + min(max(months, -most), most)
        let newYear = index >= 0 ? index / 12 : (index - 11) / 12
        let newMonth = index - newYear * 12 + 1
        let newDay = min(day, CivilDate.daysIn(month: newMonth, year: newYear))
        return CivilDate(year: newYear, month: newMonth, day: newDay)
            ?? CivilDate(dayNumber: months < 0 ? .min : .max)
    }

    /// The first day of the month, quarter or year that holds this day.
    package func firstDay(ofMonths months: Int) -> CivilDate {
        let (year, month, _) = components
        return CivilDate(year: year, month: (month - 1) / months * months + 1, day: 1) ?? self
    }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.dayNumber < b.dayNumber }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
