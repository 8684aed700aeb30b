import TestKit
import Testing

@testable import Metering

@Suite("Time at its ends")
struct TimeFuzzTests {
    private static let extremes: [Int64] = [
        .min, .min + 1, .min / 2, .min / 4 - 1, .min / 4, -62_167_219_200_001, -1, 0, 1, 253_402_300_800_000, .max / 4,
        .max / 4 + 1, .max / 2, .max - 1, .max,
    ]

    @Test("no sum or difference of instants and lengths leaves the numbers there are", arguments: extremes)
    func arithmetic(_ a: Int64) {
        let instant = Instant(milliseconds: a)
        #expect((Instant.distantPast...Instant.distantFuture).contains(instant))
        for b in Self.extremes {
            let other = Instant(milliseconds: b)
            #expect((instant < other) == (instant - other < 0))
            #expect((instant + b >= instant) == (b >= 0) || instant + b == instant)
            #expect((instant - b <= instant) == (b >= 0) || instant - b == instant)
            _ = Window(start: instant, end: other).length
        }
        #expect(Instant(instant.text) != nil)
    }

    @Test(
        "a calendar reaches to the ends of time and no further",
        arguments: ["UTC", "Europe/Stockholm", "Pacific/Apia"])
    func calendar(zone: String) throws {
        let calendar = try #require(SiteCalendar(identifier: zone))
        for milliseconds in Self.extremes {
            let instant = Instant(milliseconds: milliseconds)
            _ = calendar.text(instant)
            _ = calendar.start(of: calendar.date(instant))
            for step in CalendarLength.Step.allCases {
                for count in [1, 12, CalendarLength.most, .max] {
                    let length = CalendarLength(count, step)
                    #expect(length.nominalMilliseconds > 0)
                    #expect(calendar.instant(length, before: instant) <= instant + 86_400_000)
                }
            }
        }
    }

    @Test("windows end with time")
    func windows() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let rules: [WindowRule] = [
            WindowRule(grid: .partOfDay(900_000)), WindowRule(grid: .day), WindowRule(grid: .week),
            WindowRule(grid: .months(12)), WindowRule(grid: .shifts([0, 21_600_000])),
            WindowRule(grid: .beginning(.day(time: 21_600_000))), WindowRule(grid: .beginning(.week(day: 6))),
            WindowRule(grid: .beginning(.months(1, month: 0, day: 31))),
            WindowRule(grid: .beginning(.months(12, month: 1, day: 29))),
            WindowRule(grid: .day, rolling: CalendarLength(CalendarLength.most, .years)),
        ]
        for rule in rules {
            let sequence = WindowSequence(rule, calendar: calendar)
            #expect(sequence.first(endingAfter: .distantFuture).end == .distantFuture)
            #expect(sequence.edge(before: .distantPast) == .distantPast)
            #expect(sequence.first(startingAtOrAfter: .distantFuture).end == .distantFuture)
            let last = Window(start: .distantFuture - 90_000_000, end: .distantFuture)
            #expect(sequence.windows(inside: last).count < 200)
            #expect(sequence.count(endingAfter: last.start, upTo: last.end) < 200)
            for milliseconds in Self.extremes {
                let instant = Instant(milliseconds: milliseconds)
                #expect(sequence.edge(after: instant) > instant || instant == .distantFuture)
                #expect(sequence.edge(before: instant) < instant || instant == .distantPast)
            }
        }
    }

    @Test("no text of a time or a length traps")
    func texts() throws {
        let calendar = try #require(SiteCalendar(identifier: "Europe/Stockholm"))
        let good = [
            "2026-03-29T03:00:00+02:00", "2026-03-29T01:00:00.123Z", "15m", "500ms", "1q", "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
        ]
        for round in 0..<Rubbish.rounds * 10 {
            var rubbish = Rubbish(round: round)
            let text = rubbish.text(like: good)
            if let instant = Instant(text) {
                #expect(
                    Instant(instant.text) == instant || instant.text.hasPrefix("0000-01-01")
                        || instant.text.hasPrefix("9999-12-31"))
            }
            let bytes = rubbish.bytes(like: good)
            if let instant = bytes.withUnsafeBytes({ Instant(rfc3339: $0) }) { _ = calendar.text(instant) }
            if let length = CalendarLength(text) { _ = calendar.instant(length, before: .distantPast) }
            _ = ExactFraction(text)
        }
    }
}
