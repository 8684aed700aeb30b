import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("What an open window comes to")
struct ForecastTests {
    private static let hour: Int64 = 3_600_000
    private let start = Instant(milliseconds: 1_780_268_400_000 + 3_600_000)

    private func judge(_ requirement: Requirement) throws -> ObjectiveJudge {
        let calendar = try #require(SiteCalendar(identifier: "UTC"))
        let rule = try #require(CalendarLength("1h").flatMap(WindowRule.init(plain:)))
        let indicator = IndicatorDefinition(name: "i", rule: rule, formula: .number(0), formulaText: "0")
        return ObjectiveJudge(
            ObjectiveDefinition(name: "o", indicator: 0, requirement: requirement), objective: 0, indicator: indicator,
            calendar: calendar)
    }

    private func running(_ value: Double?, minutes: Int64) -> IndicatorValue {
        IndicatorValue(
            indicator: 0, window: Window(start: start, end: start + Self.hour), value: value, status: .insufficient,
            coverage: Double(minutes) / 60, base: Self.hour, flags: [], revision: 0)
    }

    private func forecast(_ requirement: Requirement, _ growth: Growth, _ value: Double?, minutes: Int64) throws
        -> Forecast?
    {
        try judge(requirement).forecast(
            of: running(value, minutes: minutes), growth, .init(recordStart: start), now: start + minutes * 60_000)
    }

    private static let limit = Requirement.limits(max: 100, min: nil, warn: nil, allowance: nil)

    @Test(
        "an amount goes on at its rate, a mean stays, and the rest may have what is left",
        arguments: [
            (Growth.amount, 60.0, 30, 120.0, 40.0, true, false), (.amount, 49, 30, 98, 51, false, false),
            (.amount, 50, 30, 100, 50, false, false), (.amount, 110, 30, 220, 0, true, true),
            (.mean, 130, 15, 130, 90, true, false), (.mean, 90, 30, 90, 110, false, false),
            (.rate, 60, 30, 120, 80, true, false),
        ] as [(Growth, Double, Int64, Double, Double, Bool, Bool)])
    func projected(
        growth: Growth, value: Double, minutes: Int64, projection: Double, remaining: Double, isLost: Bool,
        isBroken: Bool
    ) throws {
        let found = try #require(try forecast(Self.limit, growth, value, minutes: minutes))
        #expect(found.projection == projection)
        #expect(found.remaining == remaining)
        #expect(found.isLost == isLost)
        #expect(found.isBroken == isBroken)
        #expect(found.isTelling)
    }

    @Test("little time, or little of it known, tells nobody anything; no value has no forecast")
    func telling() throws {
        #expect(try forecast(Self.limit, .mean, 130, minutes: 14)?.isTelling == false)
        var judge = try judge(Self.limit)
        var known = running(130, minutes: 30)
        known.coverage = 0.2
        #expect(
            judge.forecast(of: known, .mean, .init(recordStart: start), now: start + 30 * 60_000)?.isTelling == false)
        #expect(try forecast(Self.limit, .mean, nil, minutes: 30) == nil)
        judge = try self.judge(
            .available(ExactFraction(9, 10), per: try #require(WindowRule(plain: CalendarLength(1, .days)))))
        #expect(judge.forecast(of: known, .mean, .init(recordStart: start), now: start + 30 * 60_000) == nil)
    }

    @Test("below a lower limit the projection says it, and nothing is broken before the end")
    func lower() throws {
        let least = Requirement.limits(max: nil, min: 100, warn: nil, allowance: nil)
        let short = try #require(try forecast(least, .amount, 40, minutes: 30))
        #expect(short.isLost && !short.isBroken && short.remaining == nil)
        let enough = try #require(try forecast(least, .amount, 60, minutes: 30))
        #expect(!enough.isLost)
    }

    @Test("of a budget the period counts: its sum so far, and what it comes to at the rate since its beginning")
    func budget() throws {
        let calendar = try #require(WindowRule(plain: CalendarLength(1, .days)))
        var judge = try judge(.budget(240, per: calendar))
        // Two windows of 20 have closed since the day began.
        let day = start
        let context = ObjectiveJudge.Context(recordStart: day)
        for hour in Int64(0)..<2 {
            let window = Window(start: day + hour * Self.hour, end: day + (hour + 1) * Self.hour)
            _ = judge.judge(
                IndicatorValue(
                    indicator: 0, window: window, value: 20, status: .valid, coverage: 1, base: Self.hour, flags: [],
                    revision: 1), context)
        }
        let open = IndicatorValue(
            indicator: 0, window: Window(start: day + 2 * Self.hour, end: day + 3 * Self.hour), value: 10,
            status: .insufficient, coverage: 0.5, base: Self.hour, flags: [], revision: 0)
        let now = day + 5 * Self.hour / 2
        let found = try #require(judge.forecast(of: open, .amount, context, now: now))
        #expect(found.value == 50)
        #expect(found.projection == 480)
        #expect(found.remaining == 190)
        #expect(found.span == Window(start: day, end: day + 24 * Self.hour))
        #expect(found.isLost && !found.isBroken && found.isTelling)
        // The judge itself has not moved.
        #expect(judge.forecast(of: open, .amount, context, now: now) == found)
    }

    @Test(
        "how a formula's value comes about is found in it",
        arguments: [
            ("mean(m.p)", Growth.mean), ("delta(m.c)", .amount), ("integral(m.p)", .amount),
            ("hours(m.p > 2)", .amount),
            ("rate(m.c)", .rate), ("delta(m.c) / delta(m.d)", .level), ("2 * delta(m.c) + integral(m.p)", .amount),
            ("mean(m.p) - 3", .mean), ("max(m.p)", .level), ("delta(m.c) * mean(m.p)", .amount),
            ("delta(m.c) * delta(m.d)", nil), ("delta(m.c) + mean(m.p)", nil), ("abs(delta(m.c))", .amount),
            ("least(mean(m.p), 5)", .level), ("greatest(delta(m.c), 5)", nil), ("coverage(m.p)", nil),
        ] as [(String, Growth?)])
    func growth(formula: String, growth: Growth?) throws {
        let points: [String: (PointIndex, PointKind)] = [
            "m.p": (0, .gauge), "m.c": (1, .counter), "m.d": (2, .counter),
        ]
        let rule = try #require(WindowRule(plain: CalendarLength(1, .days)))
        let parsed = try FormulaParser.indicator(formula, points: { points[$0] }, indicators: { _ in nil })
        let indicator = IndicatorDefinition(name: "i", rule: rule, formula: parsed, formulaText: formula)
        #expect(indicator.growth == growth)
    }
}
