import Metering
import PlantAPI
import Testing

@Suite("Times after --since and --until")
struct TimeBoundTests {
    @Test(
        "are RFC 3339, local dates, lengths before now, or words",
        arguments: [
            ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z"), ("2026-11-01T06:00:00+02:00", "2026-11-01T04:00:00Z"),
            ("2026-11-01", "2026-10-31T23:00:00Z"), ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("-24h", "2026-03-28T11:00:00Z"), ("-1d", "2026-03-28T12:00:00Z"), ("-90s", "2026-03-29T10:58:30Z"),
            ("today", "2026-03-28T23:00:00Z"), ("yesterday", "2026-03-27T23:00:00Z"), ("now", "2026-03-29T11:00:00Z"),
        ])
    func read(text: String, expected: String) throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        // The day of the change to summer time: 24 h and a day are not the same.
        let now = try #require(Instant("2026-03-29T11:00:00Z"))
        #expect(try TimeBound.instant(text, option: "--since", now: now, calendar: calendar).text == expected)
    }

    @Test(
        "anything else is a usage error that says how to write it",
        arguments: ["", "foo", "2026-13-01", "24h", "2026-1-1", "-0h"])
    func refuse(text: String) throws {
        let calendar = try #require(SiteCalendar(identifier: "UTC"))
        let commandError = #expect(throws: CommandError.self) {
            try TimeBound.instant(text, option: "--until", now: Instant(milliseconds: 0), calendar: calendar)
        }
        #expect(commandError?.status == .usage)
        #expect(commandError?.message.hasPrefix("--until '\(text)' is no time") == true)
    }
}
