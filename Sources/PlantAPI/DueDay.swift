import Metering

/// A day by which something is to be done, as people write it.
package enum DueDay {
    /// The last day that anybody can mean: recordings end there too.
    private static let last = CivilDate(year: 2100, month: 12, day: 31)

    /// The day as `2026-12-31`, from the same, from `today`, or from `+14d`, which counts from today on.
    ///
    /// A day that is over is taken: what had been agreed is entered afterwards too, and is overdue at once. Throws a
    /// ``CommandError`` (65) for anything else.
    package static func text(_ text: String, option: String, now: Instant, calendar: SiteCalendar) throws -> String {
        let today = calendar.date(now)
        let form = "write 2026-12-31, today, or +14d for two weeks from today"
        guard let day = day(text, today: today, calendar: calendar) else {
            throw CommandError(.badInput, "'\(text)' is no day for \(option): \(form)")
        }
        if let last, day > last {
            throw CommandError(.badInput, "\(option) \(text) is after the year 2100: \(form)")
        }
        return day.text
    }

    private static func day(_ text: String, today: CivilDate, calendar: SiteCalendar) -> CivilDate? {
        if text == "today" { return today }
        guard text.first == "+" else {
            return text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) } ? CivilDate(text) : nil
        }
        // Hours and less are no days.
        guard let length = CalendarLength(String(text.dropFirst())), length.elapsedMilliseconds == nil else {
            return nil
        }
        return calendar.date(calendar.instant(length, after: calendar.start(of: today)))
    }
}
