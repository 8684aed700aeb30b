import Indicators
import Metering
import Testing

@testable import PlantConfiguration

@Suite("Configured indicators and derived points")
struct IndicatorConfigurationTests {
    private static let start = """
        site: {name: Works, timezone: Europe/Stockholm}
        meters:
          a:
            interval: 1m
            points:
              power: {unit: kW}
              slow: {interval: 5m}
              energy: {kind: counter, unit: kWh, max_rate: 10}
              running: {kind: state}

        """

    private func plan(_ text: String) throws -> IndicatorPlan {
        let report = try Files.report(Self.start + text)
        #expect(report.errors.map(\.description) == [])
        return try #require(report.plant).plan
    }

    @Test(
        "have the windows that are written",
        arguments: [
            ("15m", WindowRule(grid: .partOfDay(900_000))), ("12h", WindowRule(grid: .partOfDay(43_200_000))),
            ("10s", WindowRule(grid: .partOfDay(10_000))), ("24h", WindowRule(grid: .day)),
            ("1d", WindowRule(grid: .day)),
            ("1w", WindowRule(grid: .week)), ("1mo", WindowRule(grid: .months(1))),
            ("1q", WindowRule(grid: .months(3))),
            ("1y", WindowRule(grid: .months(12))),
            ("24h, every: 1h", WindowRule(grid: .partOfDay(3_600_000), rolling: CalendarLength(24, .hours))),
            ("30d, every: 1d", WindowRule(grid: .day, rolling: CalendarLength(30, .days))),
            ("1d from 06:00", WindowRule(grid: .beginning(.day(time: 21_600_000)))),
            ("1d from 00:00", WindowRule(grid: .day)),
            ("1w from sun", WindowRule(grid: .beginning(.week(day: 6)))), ("1w from mon", WindowRule(grid: .week)),
            ("1mo from 15", WindowRule(grid: .beginning(.months(1, month: 0, day: 15)))),
            ("1mo from 1", WindowRule(grid: .months(1))),
            ("1q from 02-01", WindowRule(grid: .beginning(.months(3, month: 1, day: 1)))),
            ("1q from 11-01", WindowRule(grid: .beginning(.months(3, month: 1, day: 1)))),
            ("1y from 04-01", WindowRule(grid: .beginning(.months(12, month: 3, day: 1)))),
            ("1y from 01-01", WindowRule(grid: .months(12))),
            (
                "7d, every: 1d from 06:00",
                WindowRule(grid: .beginning(.day(time: 21_600_000)), rolling: CalendarLength(7, .days))
            ),
            ("[\"22:00\", \"06:00\", \"14:00\"]", WindowRule(grid: .shifts([21_600_000, 50_400_000, 79_200_000]))),
        ])
    func haveWindows(text: String, rule: WindowRule) throws {
        #expect(try plan("indicators: {x: {window: \(text), formula: mean(a.power)}}").indicators[0].rule == rule)
    }

    @Test(
        "demand coverage exactly as written",
        arguments: [
            ("", ExactFraction(3, 4), nil), (", min_coverage: 2/3", ExactFraction(2, 3), nil),
            (", min_coverage: 0.8", ExactFraction(8, 10), nil), (", min_coverage: 90%", ExactFraction(90, 100), nil),
            (", min_count: 3", nil, 3), (", min_count: 3, min_coverage: 0.5", ExactFraction(5, 10), 3),
        ] as [(String, ExactFraction?, Int?)])
    func demandCoverage(text: String, coverage: ExactFraction?, count: Int?) throws {
        let indicator = try plan("indicators: {x: {window: 1h, formula: mean(a.power)\(text)}}").indicators[0]
        #expect(indicator.minCoverage == coverage)
        #expect(indicator.minCount == count)
    }

    @Test(
        "may say how many windows may be missing, beside or instead of a coverage",
        arguments: [("max_missing: 5", nil), ("max_missing: 5, min_coverage: 90%", ExactFraction(90, 100))])
    func maxMissing(text: String, coverage: ExactFraction?) throws {
        let half = "half: {window: 30m, formula: mean(a.power)}"
        let day = try plan("indicators: {\(half), day: {window: 1d, formula: mean(half), \(text)}}").indicators[1]
        #expect(day.maxMissing == 5)
        #expect(day.minCoverage == coverage)
    }

    @Test("over the last days that counted have a hidden one that watches their formula day by day")
    func countedDays() throws {
        let plan = try plan(
            """
            indicators:
              last: {window: {days: 30, when: on}, formula: mean(a.power), while: a.running == 1}
              on: {window: 1d from 06:00, formula: hours(a.running == 1)}
            """)
        #expect(plan.indicators.map(\.name) == ["last", "on", "last/day"])
        #expect(plan.indicators[0].counted == CountedDays(30, when: 1, day: 2))
        #expect(plan.indicators[0].indicators == [1, 2])
        let day = plan.indicators[2]
        #expect(day.isHidden && day.rule == plan.indicators[1].rule && day.formula == plan.indicators[0].formula)
        #expect(day.condition == plan.indicators[0].condition && day.minCoverage == nil)
    }

    @Test("keep formula, condition, grace and unit")
    func keepEverything() throws {
        let indicator = try plan(
            "indicators: {x: {title: T, window: 1h, formula: delta(a.energy) / 2, unit: MWh, while: a.running == 1, grace: 90s}}"
        ).indicators[0]
        #expect(indicator.formula == .binary(.divide, .leaf(.point(.delta, 2)), .number(2)))
        #expect(indicator.formulaText == "delta(a.energy) / 2")
        #expect(indicator.condition == Condition(.leaf(3), .equal, .number(1)))
        #expect(indicator.grace == 90_000)
        #expect(indicator.title == "T" && indicator.unit == "MWh")
    }

    @Test("may use an indicator that is written after them")
    func mayLookAhead() throws {
        let plan = try plan(
            """
            indicators:
              month: {window: 1mo, formula: sum(hour), unit: kWh}
              hour: {window: 1h, formula: delta(a.energy), unit: kWh}
            """)
        #expect(plan.indicators[0].formula == .leaf(.values(.sum, 1)))
    }

    @Test("may have formulas that hold from a date on, and registers scales")
    func mayChange() throws {
        let plan = try plan(
            """
                  old: {register: holding 1, type: uint16, scale: [0.1, {from: 2026-07-01T06:00:00Z, scale: 0.2}]}
            derived:
              a.z: {formula: [a.power * 2, {from: 2026-07-01, formula: a.slow}]}
            indicators:
              x:
                window: 1d
                formula:
                  - delta(a.energy)
                  - {from: 2026-07-01, formula: integral(a.power)}
                  - {from: 2027-01-01T12:00:00Z, formula: integral(a.z)}
            """)
        let midnight = try #require(Instant("2026-06-30T22:00:00Z"))
        #expect(plan.indicators[0].formulaText == "delta(a.energy)")
        #expect(plan.indicators[0].later.map(\.text) == ["integral(a.power)", "integral(a.z)"])
        #expect(plan.indicators[0].later[0].from == midnight)
        #expect(plan.indicators[0].points == [2, 0, 5])
        #expect(plan.derived[0].later == [DatedFormula(from: midnight, formula: .leaf(1), text: "a.slow")])
        #expect(plan.points[5].maxGap == 180_000)
    }

    @Test("may be compared with a baseline that other indicators explain")
    func mayHaveModels() throws {
        let plan = try plan(
            """
            indicators:
              saved: {unit: kWh, model: {like: expected, gives: savings}}
              expected:
                model: {of: day, drivers: [hours, slow], from: 2025-01-01, to: 2026-01-01, range: 3sd}
              day: {window: 1d, formula: delta(a.energy), unit: kWh}
              hours: {window: 1d, formula: hours(a.running == 1), unit: h}
              slow: {window: 1d, formula: mean(a.slow)}
              month: {window: 1mo, formula: sum(saved), unit: kWh}
            objectives:
              saving: {indicator: month, min: 0}
            """)
        let baseline = Window(
            start: try #require(Instant("2024-12-31T23:00:00Z")), end: try #require(Instant("2025-12-31T23:00:00Z")))
        let model = BaselineModel(
            subject: 2, drivers: [3, 4], baseline: baseline, result: .predicted, range: .deviations)
        #expect(plan.indicators[1].model == model)
        #expect(plan.indicators[1].unit == "kWh" && plan.indicators[1].rule == WindowRule(grid: .day))
        #expect(plan.indicators[0].model?.result == .savings && plan.indicators[0].model?.drivers == [3, 4])
        #expect(plan.indicators[0].indicators == [2, 3, 4])
    }

    @Test("come in the order of their inputs, with the smallest of the inputs' gaps")
    func derivedPointsAreOrdered() throws {
        let plan = try plan(
            """
            derived:
              a.z: {formula: a.y + a.slow}
              a.y: {formula: a.power * 2, unit: kW}
              site.w: {formula: a.z, max_gap: 1h, unit: kW}
            """)
        #expect(plan.points.map(\.name).suffix(3) == ["a.z", "a.y", "site.w"])
        #expect(plan.derived.map(\.point) == [5, 4, 6])
        #expect(plan.points[4].maxGap == 180_000)
        #expect(plan.points[6].maxGap == 3_600_000)
        #expect(plan.points[4].kind == .gauge)
    }

    @Test(
        "are refused where units do not go together",
        arguments: [
            ("integral(a.power)", "kWh", true), ("integral(a.power)", "kW", false), ("rate(a.energy)", "kW", true),
            ("rate(a.energy)", "kWh", false), ("delta(a.energy)", "kWh", true), ("delta(a.energy)", "MWh", false),
            ("delta(a.energy) / 1000", "MWh", true), ("mean(a.power) + 5", "kW", true),
            ("delta(a.energy) - integral(a.power)", "kWh", true), ("delta(a.energy) - mean(a.power)", "kWh", false),
            ("\"greatest(mean(a.power), rate(a.energy))\"", "kW", true), ("hours(a.power > 3)", "h", true),
            ("hours(a.running == 1)", "hours", true), ("mean(a.slow)", "anything", true),
            ("count(a.power)", "%", true), ("share(a.power > 3) * 100", "%", true),
        ])
    func unitsAreChecked(formula: String, unit: String, fits: Bool) throws {
        let report = try Files.report(
            Self.start + "indicators: {x: {window: 1h, formula: \(formula), unit: \"\(unit)\"}}")
        #expect(report.errors.isEmpty == fits)
    }

    @Test(
        "spell units in more than one way",
        arguments: [("m³", "m3"), ("°C", "degC"), ("kvarh", "kVArh"), ("l", "L"), ("kW·h", "kWh"), ("kWh/h", "kW")])
    func unitsHaveSpellings(one: String, other: String) {
        #expect(UnitOfValue(stated: one) == UnitOfValue(stated: other))
        #expect(UnitOfValue(stated: "m³/h").timesHours == UnitOfValue(stated: "m3"))
        #expect(UnitOfValue(stated: "m3/s").timesHours != UnitOfValue(stated: "m3"))
    }
}
