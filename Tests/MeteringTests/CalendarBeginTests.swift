import Testing

@testable import Metering

@Suite("Windows that begin elsewhere, and times of the calendar")
struct CalendarBeginTests {
    private static let stockholm = SiteCalendar(identifier: "Europe/Stockholm")

    private func edges(_ begin: CalendarBegin, after start: String, count: Int) throws -> [String] {
        let calendar = try #require(Self.stockholm)
        let sequence = WindowSequence(WindowRule(grid: .beginning(begin)), calendar: calendar)
        var edge = try #require(Instant(start))
        return (0..<count).map { _ in
            edge = sequence.edge(after: edge)
            #expect(sequence.edge(before: edge + 1) == edge)
            #expect(sequence.first(endingAfter: edge).start == edge)
            return String(calendar.text(edge).prefix(16))
        }
    }

    @Test(
        "a month without the day begins on its last day",
        arguments: [
            ("2026-01-15T00:00:00Z", ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"]),
            ("2028-02-01T00:00:00Z", ["2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00", "2028-05-31T00:00"]),
        ])
    func shortMonths(start: String, expected: [String]) throws {
        #expect(try edges(.months(1, month: 0, day: 31), after: start, count: 4) == expected)
    }

    @Test("quarters, years and weeks begin where it is said")
    func others() throws {
        let start = "2026-01-15T00:00:00Z"
        #expect(
            try edges(.months(3, month: 1, day: 1), after: start, count: 4)
                == ["2026-02-01T00:00", "2026-05-01T00:00", "2026-08-01T00:00", "2026-11-01T00:00"])
        #expect(
            try edges(.months(12, month: 3, day: 1), after: start, count: 2) == [
                "2026-04-01T00:00", "2027-04-01T00:00",
            ])
        #expect(
            try edges(.months(12, month: 1, day: 29), after: start, count: 3)
                == ["2026-02-28T00:00", "2027-02-28T00:00", "2028-02-29T00:00"])
        #expect(try edges(.week(day: 6), after: start, count: 2) == ["2026-01-18T00:00", "2026-01-25T00:00"])
        #expect(
            try edges(.months(1, month: 0, day: 15), after: "2026-01-14T23:00:00Z", count: 1) == ["2026-02-15T00:00"])
    }

    @Test(
        "a gas day has 23 or 25 hours where the clock changes, and one that begins in what is skipped begins at the change",
        arguments: [
            (6, "2026-03-28T12:00:00Z", "2026-03-29T04:00:00Z", 24),
            (6, "2026-03-27T12:00:00Z", "2026-03-28T05:00:00Z", 23),
            (6, "2026-10-23T12:00:00Z", "2026-10-24T04:00:00Z", 25),
            (2, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", 23),
        ] as [(Int64, String, String, Int64)])
    func gasDays(hour: Int64, after: String, start: String, hours: Int64) throws {
        let calendar = try #require(Self.stockholm)
        let rule = WindowRule(grid: .beginning(.day(time: hour * 3_600_000)))
        let sequence = WindowSequence(rule, calendar: calendar)
        let window = sequence.next(after: sequence.first(endingAfter: try #require(Instant(after))))
        #expect(window.start.text == start)
        #expect(window.length == hours * 3_600_000)
    }

    @Test("every sequence of windows is without a gap, whatever it begins with")
    func withoutGaps() throws {
        for zone in ["Europe/Stockholm", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"] {
            let calendar = try #require(SiteCalendar(identifier: zone))
            let begins: [CalendarBegin] =
                (0..<48).map { .day(time: $0 * 1_800_000 + 60_000) } + (1...6).map { .week(day: $0) }
                + [1, 3, 12].flatMap { months in
                    (0..<months).flatMap { month in [2, 28, 29, 30, 31].map { .months(months, month: month, day: $0) } }
                }
            for begin in begins {
                let sequence = WindowSequence(WindowRule(grid: .beginning(begin)), calendar: calendar)
                let start = try #require(Instant("2011-11-20T00:00:00Z"))
                var window = sequence.first(endingAfter: start)
                #expect(window.start <= start && start < window.end)
                for _ in 0..<60 {
                    #expect(window.start < window.end && sequence.edge(before: window.end) == window.start)
                    #expect(sequence.first(endingAfter: window.end - 1) == window)
                    window = sequence.next(after: window)
                }
            }
        }
    }

    @Test(
        "a rule is written as it was configured",
        arguments: [
            (WindowRule.Grid.partOfDay(900_000), "15m"), (.partOfDay(10_000), "10s"), (.day, "1d"), (.months(3), "1q"),
            (.beginning(.day(time: 21_600_000)), "1d from 06:00"), (.beginning(.week(day: 6)), "1w from sun"),
            (.beginning(.months(1, month: 0, day: 15)), "1mo from 15"),
            (.beginning(.months(12, month: 3, day: 1)), "1y from 04-01"),
            (.shifts([0, 21_600_000]), #"["00:00", "06:00"]"#),
        ])
    func written(grid: WindowRule.Grid, text: String) {
        #expect(WindowRule(grid: grid).written == text)
    }

    private func time(_ from: Int64, _ to: Int64) -> Range<Int64> { from * 60_000..<to * 60_000 }

    @Test("what is in a recurring time agrees, instant by instant, with the local clock away from its changes")
    func instants() throws {
        let calendar = try #require(Self.stockholm)
        let feast = try #require(CivilDate("2026-05-14")).dayNumber
        let night = [time(22 * 60, 24 * 60), time(0, 6 * 60)]
        typealias Expected = (_ day: Int, _ minute: Int64, _ isFeast: Bool) -> Bool
        let atNight: Expected = { _, minute, _ in minute >= 1320 || minute < 360 }
        let atWork: Expected = { day, minute, isFeast in day < 5 && minute >= 360 && minute < 1320 && !isFeast }
        let onSaturday: Expected = { day, minute, _ in day == 5 && minute >= 100 && minute < 260 }
        let onFeasts: Expected = { _, _, isFeast in isFeast }
        let notSundayNight: Expected = { day, minute, _ in !(day == 6 && (minute >= 1320 || minute < 360)) }
        let working = RecurringTime(
            weekdays: [0, 1, 2, 3, 4], hours: [time(360, 1320)], holidays: .without, dates: [feast])
        let times: [(RecurringTime, Expected)] = [
            (RecurringTime(hours: night), atNight), (working, atWork),
            (RecurringTime(weekdays: [5], hours: [time(100, 200), time(150, 260)]), onSaturday),
            (RecurringTime(holidays: .only, dates: [feast]), onFeasts),
            (RecurringTime(weekdays: [6], hours: night).inverted, notSundayNight),
        ]
        let start = try #require(Instant("2026-05-10T00:00:00Z"))
        for (recurring, expected) in times {
            var clock = RecurringClock(recurring, calendar: calendar)
            for minute in stride(from: Int64(0), to: 8 * 1440, by: 7) {
                let instant = start + minute * 60_000
                let date = calendar.date(instant)
                let inDay = (calendar.local(instant) - Int64(date.dayNumber) * 86_400_000) / 60_000
                let found = clock.stretch(at: instant.milliseconds)
                #expect(found.isInside == expected(date.daysSinceMonday, inDay, date.dayNumber == feast))
                #expect(found.end > instant.milliseconds)
            }
        }
    }

    @Test(
        "where the clock changes, a night is an hour shorter or longer",
        arguments: [("2026-03-28T21:00:00Z", 7), ("2026-10-24T20:00:00Z", 9), ("2026-06-10T20:00:00Z", 8)]
            as [(String, Int64)])
    func nights(start: String, hours: Int64) throws {
        let calendar = try #require(Self.stockholm)
        let night = RecurringTime(hours: [time(22 * 60, 24 * 60), time(0, 6 * 60)])
        let begin = try #require(Instant(start))
        let window = Window(start: begin, end: begin + hours * 3_600_000)
        #expect(night.contains(window, in: calendar))
        #expect(!night.contains(Window(start: begin - 1, end: window.end), in: calendar))
        #expect(!night.contains(Window(start: begin, end: window.end + 1), in: calendar))
        #expect(night.inverted.contains(Window(start: window.end, end: window.end + 16 * 3_600_000), in: calendar))
    }

    @Test(
        "where the clock goes back over midnight, each instant has one day, and recurring time goes forward",
        arguments: [
            ("Africa/Cairo", "2026-10-29T00:00:00Z"), ("Asia/Beirut", "2026-10-24T00:00:00Z"),
            ("America/St_Johns", "2010-11-06T00:00:00Z"), ("Pacific/Apia", "2011-12-29T00:00:00Z"),
        ])
    func backOverMidnight(zone: String, from: String) throws {
        let calendar = try #require(SiteCalendar(identifier: zone))
        let night = RecurringTime(hours: [time(22 * 60, 24 * 60), time(0, 6 * 60)])
        var clock = RecurringClock(night, calendar: calendar)
        let start = try #require(Instant(from))
        for minute in 0..<(4 * 1440) {
            let instant = start + Int64(minute) * 60_000
            let date = calendar.date(instant)
            #expect(calendar.start(of: date) <= instant)
            #expect(calendar.start(of: CivilDate(dayNumber: date.dayNumber + 1)) > instant)
            #expect(clock.stretch(at: instant.milliseconds).end > instant.milliseconds)
        }
        #expect(calendar.date(.distantFuture) > calendar.date(start))
    }
}
