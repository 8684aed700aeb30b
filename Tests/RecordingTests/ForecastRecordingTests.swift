import Conformity
import Metering
import Testing

@testable import PlantAPI
@testable import Recording

@Suite("A limit that can no longer be kept is told before it is broken")
struct ForecastRecordingTests {
    private static let plant = """
        site: {name: Test works, timezone: UTC}
        meters:
          m: {interval: 1m, points: {p: {kind: gauge, unit: kW, max_gap: 5m}, q: {kind: gauge, unit: mg/m3, max_gap: 5m}}}
        indicators:
          energy: {window: 1h, formula: integral(m.p), unit: kWh}
          level: {window: 30m, formula: mean(m.q), unit: mg/m3}
        objectives:
          hour: {title: Energy of an hour, indicator: energy, max: 100}
          day: {title: Energy of a day, indicator: energy, budget: 1500, per: 1d}
          permit: {title: NOx below the limit, indicator: level, max: 200}
        """

    /// The alerts of a kind, each by its objective and the beginning of what it is about.
    private func said(_ works: WorksWithLimit, _ event: String = "forecast") throws -> [String] {
        try works.alerts(["objective", "start"], of: { $0 == event })
    }

    /// Reads on a few minutes at a time, looking at open windows in between.
    private func go(_ works: WorksWithLimit, _ values: [Double], minutes: Int) throws {
        for _ in 0..<(minutes / 5) {
            try works.read(values, minutes: 5)
            try works.recorder.warnAhead(now: works.now)
        }
    }

    @Test("once a window over kills, with what is so far, what it comes to and what is left", arguments: [false, true])
    func once(killed: Bool) throws {
        // Midnight of the first of June.
        let works = try WorksWithLimit(Self.plant, at: Instant(milliseconds: 1_780_272_000_000))
        works.isKilledEachTime = killed
        try go(works, [50, 150], minutes: 60)
        #expect(try said(works).isEmpty)
        // 120 kW is too much for an hour, and 220 mg/m3 for half of one.
        try go(works, [120, 220], minutes: 15)
        #expect(
            try said(works).sorted() == [
                "forecast hour 2026-06-01T01:00:00Z", "forecast permit 2026-06-01T01:00:00Z",
            ])
        let lines = try works.alerts(
            ["objective", "projection", "remaining", "limit", "unit", "severity"], of: { $0 == "forecast" })
        #expect(
            lines.contains { $0.hasPrefix("forecast permit 220 1") && $0.hasSuffix("200 mg/m3 warning") }, "\(lines)")
        #expect(try said(works, "nonconformity_raised").isEmpty)
        try go(works, [120, 220], minutes: 45)
        // The half-hour was broken at its end, and what is broken is not foretold again while it lasts.
        #expect(try said(works).filter { $0.contains("permit") }.count == 1)
        #expect(try said(works).filter { $0.contains("hour") }.count == 1)
    }

    @Test("not after the breach, and not where the rest was less")
    func after() throws {
        let works = try WorksWithLimit(Self.plant, at: Instant(milliseconds: 1_780_272_000_000))
        // 110 kWh in eleven minutes: broken before a quarter of the hour is over.
        try works.read([600, 100], minutes: 12)
        try works.recorder.warnAhead(now: works.now)
        try works.read([600, 100], minutes: 5)
        try works.recorder.warnAhead(now: works.now)
        #expect(try said(works).filter { $0.contains(" hour ") }.isEmpty)
        let forecast = try #require(try works.recorder.forecasts(at: works.now).first)
        #expect(forecast.isLost && forecast.isBroken && forecast.remaining == 0)
    }

    @Test("a day's budget is told once a day, at the rate since midnight")
    func budget() throws {
        let works = try WorksWithLimit(Self.plant, at: Instant(milliseconds: 1_780_272_000_000))
        try go(works, [60, 100], minutes: 120)
        #expect(try said(works).isEmpty)
        // 1,500 kWh a day are 62.5 kW: from the tenth of the day on the rate since midnight is above it.
        try go(works, [90, 100], minutes: 180)
        #expect(try said(works) == ["forecast day 2026-06-01T00:00:00Z"])
    }
}
