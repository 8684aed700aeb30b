import Metering
import Testing

@testable import Indicators

@Suite("Windows of counted days")
struct CountedDaysTests {
    /// Values of one indicator over the days 1, 3 and 6 of a January.
    private func value(
        _ formula: String, while condition: String? = nil, during: RecurringTime? = nil, dead: Bool = false
    ) throws -> IndicatorValue {
        var bench = try Bench(zone: "UTC")
        bench.gauge("m.p", gap: "2h")
        bench.counter("m.e", gap: "2h")
        bench.state("m.s", gap: "2h")
        try bench.indicator("hour", "1h", "mean(m.p)")
        try bench.indicator("x", "1d", formula, minCoverage: "0.9", during: condition)
        bench.indicators[1].during = during
        let start = try #require(Instant("2026-01-01T00:00:00Z"))
        func day(_ number: Int64) -> Window {
            Window(start: start + (number - 1) * 86_400_000, end: start + number * 86_400_000)
        }
        let engine = IndicatorEngine(plan: bench.plan, indicators: [1], closesByGrace: false)
        engine.open(
            1, at: Window(start: day(1).start, end: day(6).end), once: true, days: [day(1), day(3), day(6)])
        for hour in 0..<(6 * 24) {
            let window = Window(start: start + Int64(hour) * 3_600_000, end: start + Int64(hour + 1) * 3_600_000)
            engine.supply(
                IndicatorValue(
                    indicator: 0, window: window, value: Double(hour / 24 + 1), status: .valid, coverage: 1,
                    base: 3_600_000))
        }
        var readings: [Reading] = []
        for hour in 0...(6 * 24) {
            let time = start + Int64(hour) * 3_600_000
            readings.append(Reading(0, time, Double(10 * (hour / 24 + 1))))
            readings.append(Reading(1, time, Double(hour)))
            if !dead || hour < 3 { readings.append(Reading(2, time, hour % 2 == 0 ? 1 : 0)) }
        }
        var next = 0
        while next < readings.count { next = engine.take(readings, from: next) }
        engine.close(1, through: day(6).end)
        return try #require(engine.takeOutput().closed.first)
    }

    @Test(
        "take in nothing but the days that count",
        arguments: [
            ("mean(m.p)", 100.0 / 3), ("delta(m.e)", 72), ("rate(m.e)", 1), ("count(m.p)", 72), ("min(m.p)", 10),
            ("max(m.p)", 60), ("percentile(m.p, 50)", 30), ("coverage(m.p)", 1), ("first(m.e)", 0), ("last(m.e)", 143),
            ("hours(m.p > 15)", 48), ("share(m.s == 1)", 0.5), ("mean(hour)", 10.0 / 3), ("count(hour)", 72),
            ("stddev(m.p) * 0 + sample_mean(m.p)", 100.0 / 3),
        ] as [(String, Double)])
    func aggregates(formula: String, expected: Double) throws {
        let value = try value(formula)
        #expect(isNear(value.value, expected), "\(String(describing: value.value))")
        #expect(value.status == .valid && value.coverage == 1 && value.base == 3 * 86_400_000)
        #expect(value.window.length == 6 * 86_400_000)
    }

    @Test("are restricted further by while and during, and what is unknown is so on these days alone")
    func restricted() throws {
        let night = RecurringTime(hours: [0..<21_600_000])
        let both = try value("delta(m.e)", while: "m.s == 1", during: night)
        #expect(isNear(both.value, 9) && both.base == 9 * 3_600_000 && both.unknown == 0 && both.status == .valid)
        let dead = try value("count(m.e)", while: "m.s == 1")
        #expect(isNear(dead.value, 36) && dead.base == 36 * 3_600_000)
        // The condition is known for the first four hours of three days.
        let unknown = try value("count(m.e)", while: "m.s == 1", dead: true)
        #expect(
            unknown.unknown == 68 * 3_600_000 && isNear(unknown.coverage, 4.0 / 72) && unknown.status == .insufficient)
    }
}
