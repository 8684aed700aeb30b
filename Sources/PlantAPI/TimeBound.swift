import Metering

/// What people write after `--since` and `--until`.
package enum TimeBound {
    /// The instant of RFC 3339, a local date (its midnight), `-24h` (before `now`; days and longer by the local
    /// calendar), `today`,
    /// `yesterday` or `now`; throws a ``CommandError`` (64) for anything else.
    package static func instant(_ text: String, option: String, now: Instant, calendar: SiteCalendar) throws -> Instant
    {
        if let instant = Instant(text) { return instant }
        let today = calendar.date(now)
        switch text {
        case "now": return now
        case "today": return calendar.start(of: today)
        case "yesterday": return calendar.start(of: CivilDate(dayNumber: today.dayNumber - 1))
        default: break
        }
        if text.hasPrefix("-"), let length = CalendarLength(String(text.dropFirst())) {
            return calendar.instant(length, before: now)
        }
        if let date = date(text) { return calendar.start(of: date) }
        throw CommandError(
            .usage,
            "\(option) '\(text)' is no time: write 2026-11-01T06:00:00Z, 2026-11-01 (local midnight), -24h or today")
    }

    private static func date(_ text: String) -> CivilDate? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.count) == [4, 2, 2], text.allSatisfy({ $0.isASCII }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }
}
