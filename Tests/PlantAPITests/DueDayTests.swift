import Metering
import Testing

@testable import PlantAPI

@Suite("The day by which something is to be done")
struct DueDayTests {
    private static func day(_ text: String, at now: String = "2026-11-28T23:30:00Z") throws -> String {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        return try DueDay.text(text, option: "--due", now: try #require(Instant(now)), calendar: calendar)
    }

    @Test(
        "a date stands as it is, also one that is over, and lengths of the calendar count from the site's today",
        arguments: [
            ("2026-12-31", "2026-12-31"), ("2026-11-29", "2026-11-29"), ("today", "2026-11-29"), ("+1d", "2026-11-30"),
            ("+14d", "2026-12-13"), ("+2w", "2026-12-13"), ("+3mo", "2027-02-28"), ("+1q", "2027-02-28"),
            ("+1y", "2027-11-29"), ("2100-12-31", "2100-12-31"), ("2026-11-28", "2026-11-28"),
            ("2020-01-01", "2020-01-01"),
        ])
    func days(_ text: String, _ expected: String) throws {
        let found = try Self.day(text)
        #expect(found == expected)
    }

    @Test(
        "what names no day, or one that nobody lives to see, is refused",
        arguments: [
            "", "+", "+0d", "+5h", "14d", "-1d", "+14 d", "2026-02-30", "+202-01-01", "2026-12-01T10:00:00Z",
            "2101-01-01",
            "+999999999y", "9999-12-31",
        ])
    func none(_ text: String) throws {
        let error = #expect(throws: CommandError.self) { try Self.day(text) }
        #expect(error?.status == .badInput)
        #expect(error?.message.contains("+14d for two weeks from today") == true)
    }
}
