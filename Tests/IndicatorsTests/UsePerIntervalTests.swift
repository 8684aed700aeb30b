import Metering
import TestKit
import Testing

@testable import Indicators

@Suite("Use per interval, and time of the calendar")
struct UsePerIntervalTests {
    private func bench(stampedAtStart: Bool, gap: String = "45m", zone: String = "Europe/Stockholm") throws -> Bench {
        var bench = try Bench(zone: zone)
        bench.points.append(
            PointDefinition(
                name: "m.use", kind: .counter, maxGap: milliseconds(gap),
                counting: .each(UseStretch(length: 900_000, isStampedAtStart: stampedAtStart))))
        return bench
    }

    private func rows(_ bench: Bench, _ times: [String], _ value: Double? = 25) throws -> [Reading] {
        try times.map { try bench.reading("m.use", "2026-01-01T\($0):00Z", value) }
    }

    @Test("stamped at the start, four quarters are their hour, which closes at its end")
    func stampedAtStart() throws {
        var bench = try bench(stampedAtStart: true)
        try bench.indicator("hour", "1h", "delta(m.use)")
        let whole = try bench.run(rows(bench, ["00:00", "00:15", "00:30", "00:45"])).of("hour")
        #expect(whole.map(\.value) == [100] && whole[0].coverage == 1 && whole[0].status == .valid)
        #expect(whole[0].window.end.text == "2026-01-01T01:00:00Z")
        let short = try bench.run(rows(bench, ["00:00", "00:15", "00:45"])).of("hour")
        #expect(short.map(\.value) == [75] && short[0].coverage == 0.75)
    }

    @Test("stamped at the end, the first of them is the quarter before")
    func stampedAtEnd() throws {
        var bench = try bench(stampedAtStart: false)
        bench.gauge("m.p")
        try bench.indicator("hour", "1h", "delta(m.use)", minCoverage: "0.2")
        let begin = [try bench.reading("m.p", "2025-12-31T23:30:00Z", 1)]
        let hours = try bench.run(
            begin + rows(bench, ["00:00", "00:15", "00:30", "00:45"]), until: "2026-01-01T05:00:00Z")
        #expect(hours.of("hour").prefix(2).map(\.value) == [25, 75])
        #expect(hours.of("hour").prefix(2).map(\.coverage) == [0.25, 0.75])
    }

    @Test("a stretch that overlaps the one before makes the reading bad, and the next is held against the one believed")
    func overlap() throws {
        for stampedAtStart in [true, false] {
            var bench = try bench(stampedAtStart: stampedAtStart)
            try bench.indicator("day", "1d", "delta(m.use)", minCoverage: "0")
            try bench.indicator("count", "1d", "count(m.use)", minCoverage: "0")
            let outcome = try bench.run(
                rows(bench, ["01:00", "01:10", "01:14", "01:15", "01:45"]), until: "2026-01-05T05:00:00Z")
            #expect(outcome.of("day").first?.value == 75)
            #expect(outcome.of("count").first?.value == 3)
            #expect(outcome.ledger.map(\.verdict) == [.glitch, .glitch])
            #expect(outcome.ledger.map(\.time.text) == ["2026-01-01T01:10:00Z", "2026-01-01T01:14:00Z"])
        }
    }

    @Test(
        "what was used before the condition held does not count, also of a stretch that is not over",
        arguments: [true, false])
    func gated(stampedAtStart: Bool) throws {
        var bench = try bench(stampedAtStart: stampedAtStart)
        bench.state("m.s", gap: "2h")
        try bench.indicator("hour", "1h", "delta(m.use)", minCoverage: "0", during: "m.s == 1")
        let stamps = stampedAtStart ? ["00:00", "00:15", "00:30", "00:45"] : ["00:15", "00:30", "00:45", "01:00"]
        let states = try [("00:00", 0.0), ("00:25", 1), ("00:35", 0), ("01:00", 0)].map {
            try bench.reading("m.s", "2026-01-01T\($0.0):00Z", $0.1)
        }
        let hour = try #require(try bench.run(rows(bench, stamps) + states).of("hour").first)
        #expect(isNear(hour.value, 25 * 10 / 15.0))
        #expect(hour.coverage == 1 && hour.base == 600_000)
    }

    @Test("over any windows the uses add up, in whatever order their ends come", arguments: [1, 2, 3, 4] as [UInt64])
    func addUp(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var bench = try bench(stampedAtStart: seed % 2 == 0)
        let windows = ["10m", "1h", "6h", "1d"]
        for window in windows { try bench.indicator(window, window, "delta(m.use)", minCoverage: "0", grace: "1d") }
        var (total, readings): (Double, [Reading]) = (0, [])
        let start = try #require(Instant("2026-10-24T12:00:00Z"))
        for quarter in 1..<200 where Int.random(in: 0..<12, using: &numbers) > 0 {
            let use = Double(Int.random(in: -20...500, using: &numbers))
            total += use
            readings.append(Reading(0, start + Int64(quarter) * 900_000, use))
        }
        readings.insert(Reading(0, start - 900_000, bad: .missing), at: 0)
        let outcome = try bench.run(readings, until: (start + 90 * 3_600_000).text)
        for window in windows {
            let sum = outcome.of(window).reduce(0) { $0 + ($1.value ?? 0) }
            #expect(isNear(sum, total, 1e-11), "\(window)")
        }
    }

    @Test("an indicator of the night takes in the night alone, an hour less of it where the clock goes forward")
    func night() throws {
        var bench = try Bench()
        bench.gauge("m.p", gap: "1h")
        bench.counter("m.e", gap: "2h")
        bench.state("m.s", gap: "2h")
        let night = RecurringTime(hours: [79_200_000..<86_400_000, 0..<21_600_000])
        for (name, formula) in [
            ("hours", "integral(m.p) / mean(m.p)"), ("mean", "mean(m.p)"), ("use", "delta(m.e)"),
            ("count", "count(m.p)"),
        ] {
            try bench.indicator(name, "1d", formula)
            try bench.indicator("\(name) hour", "1h", formula)
            try bench.indicator("\(name) while", "1d", formula, during: "m.s == 1")
        }
        for index in bench.indicators.indices { bench.indicators[index].during = night }
        var readings: [Reading] = []
        let start = try #require(Instant("2026-03-28T23:00:00Z"))
        for quarter in 0...Int64(23 * 4) {
            let time = start + quarter * 900_000
            readings.append(Reading(0, time, quarter < 20 ? 10 : 20))
            readings.append(Reading(1, time, Double(quarter)))
            readings.append(Reading(2, time, quarter % 8 < 4 ? 1 : 0))
        }
        let outcome = try bench.run(readings)
        // From 00:00 to 06:00, an hour of which is skipped, and from 22:00 to 24:00.
        #expect(isNear(outcome.of("hours").first?.value, 7))
        #expect(isNear(outcome.of("mean").first?.value, (5 * 10 + 2 * 20) / 7.0))
        #expect(isNear(outcome.of("use").first?.value, 28))
        #expect(outcome.of("count").first?.value == 28)
        let day = try #require(outcome.of("mean").first)
        #expect(day.base == 7 * 3_600_000 && day.coverage == 1 && day.unknown == 0 && day.status == .valid)
        let hours = outcome.of("mean hour")
        #expect(hours.count == 23)
        #expect(hours.filter { $0.flags.contains(.idle) }.count == 16)
        #expect(hours.filter { $0.status == .valid }.map(\.value) == [10, 10, 10, 10, 10, 20, 20])
        // With a condition besides, both must hold: of each two hours the first.
        #expect(isNear(outcome.of("hours while").first?.value, 3 + 1))
        #expect(outcome.of("count while").first?.value == 16)
        #expect(isNear(outcome.of("use while").first?.value, 16))
    }

    @Test("outside of its time a dead condition is no time unknown")
    func deadCondition() throws {
        var bench = try Bench(zone: "UTC")
        bench.gauge("m.p", gap: "1h")
        bench.state("m.s", gap: "1h")
        try bench.indicator("day", "1d", "mean(m.p)", minCoverage: "0.5", during: "m.s == 1")
        bench.indicators[0].during = RecurringTime(hours: [0..<21_600_000])
        let readings = try (0...24).map { hour in
            try bench.reading("m.p", (Instant("2026-01-01T00:00:00Z")! + Int64(hour) * 3_600_000).text, 1)
        }
        let states = try (0..<3).map { try bench.reading("m.s", "2026-01-01T0\($0):00:00Z", 1) }
        let day = try #require(try bench.run(readings + states, until: "2026-01-05T00:00:00Z").of("day").first)
        #expect(day.base == 3 * 3_600_000 && day.unknown == 3 * 3_600_000)
        #expect(day.coverage == 21.0 / 24)
    }
}
