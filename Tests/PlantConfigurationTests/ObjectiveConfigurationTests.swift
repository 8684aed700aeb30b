import Conformity
import Indicators
import Metering
import Testing

@testable import PlantConfiguration

@Suite("Configured objectives")
struct ObjectiveConfigurationTests {
    private static let start = """
        site: {name: Works, timezone: Europe/Stockholm}
        meters: {a: {interval: 1m, points: {energy: {kind: counter, max_rate: 10}, running: {kind: state}}}}
        indicators: {use: {window: 1h, formula: delta(a.energy), grace: 5m}}
        objectives:

        """

    private func plant(_ objective: String) throws -> Plant {
        let report = try Files.report(Self.start + "  o: {indicator: use, \(objective)}\n")
        #expect(report.errors.map(\.description) == [])
        return try #require(report.plant)
    }

    @Test(
        "demand what is written",
        arguments: [
            ("max: 200", Requirement.limits(max: 200, min: nil, warn: nil, allowance: nil)),
            ("max: 200, warn: 180", .limits(max: 200, min: nil, warn: 180, allowance: nil)),
            ("min: 10, warn: 12", .limits(max: nil, min: 10, warn: 12, allowance: nil)),
            ("min: 1, max: 2, warn: 1.5", .limits(max: 2, min: 1, warn: 1.5, allowance: nil)),
            (
                "max: 5, allow: {share: 3%, per: 1y}",
                .limits(
                    max: 5, min: nil, warn: nil,
                    allowance: Allowance(
                        amount: .share(ExactFraction(3, 100), of: .evaluable), per: WindowRule(grid: .months(12))))
            ),
            (
                "max: 5, allow: {share: 3%, per: 1y, of: calendar}",
                .limits(
                    max: 5, min: nil, warn: nil,
                    allowance: Allowance(
                        amount: .share(ExactFraction(3, 100), of: .calendar), per: WindowRule(grid: .months(12))))
            ),
            ("missing: {count: 10, per: 1y}", .missing(10, per: WindowRule(grid: .months(12)))),
            (
                "max: 5, allow: {count: 0, per: 1d}",
                .limits(
                    max: 5, min: nil, warn: nil, allowance: Allowance(amount: .count(0), per: WindowRule(grid: .day)))
            ),
            ("budget: 36500, per: 1y", .budget(36_500, per: WindowRule(grid: .months(12)))),
            ("reduction: 5%, baseline: {value: 12000}", .reduction(ExactFraction(5, 100), .value(12_000))),
            (
                "reduction: 0.05, baseline: {from: 2018-01-10, to: 2018-02-10}",
                .reduction(
                    ExactFraction(5, 100),
                    .mean(
                        over: Window(
                            start: Instant(milliseconds: 1_515_538_800_000),
                            end: Instant(milliseconds: 1_518_217_200_000))))
            ),
            (
                "reduction: 1/20, baseline: {from: 2018-01-09T23:00:00Z, to: 2018-02-10, method: whole}",
                .reduction(
                    ExactFraction(1, 20),
                    .whole(
                        over: Window(
                            start: Instant(milliseconds: 1_515_538_800_000),
                            end: Instant(milliseconds: 1_518_217_200_000))))
            ),
            ("available: 95%, per: 1d", .available(ExactFraction(95, 100), per: WindowRule(grid: .day))),
        ])
    func demand(text: String, requirement: Requirement) throws {
        #expect(try plant(text).objectives[0].requirement == requirement)
    }

    @Test("have the defaults of the contract where they say nothing")
    func haveDefaults() throws {
        let objective = try plant("max: 5").objectives[0]
        #expect(objective.raiseAfter == 1 && objective.clearAfter == 1 && objective.clearAt == nil)
        #expect(objective.decimals == nil && objective.severity == .minor)
        #expect(objective.recurrence == Int64(90 * 86_400_000))
        #expect(objective.active == nil && objective.guardIndicator == nil)
    }

    @Test("keep everything else that is written")
    func keepEverything() throws {
        let objective = try plant(
            "title: T, max: 50, decimals: 0, for: 3, clear_after: 2, clear_at: 45, severity: critical, reference: 2024, "
                + "responsible: R, recurrence: 30d, active: {from: 2026-01-01}"
        ).objectives[0]
        #expect(objective.title == "T" && objective.reference == "2024" && objective.responsible == "R")
        #expect(objective.raiseAfter == 3 && objective.clearAfter == 2 && objective.clearAt == 45)
        #expect(
            objective.decimals == 0 && objective.severity == .critical && objective.recurrence == Int64(30 * 86_400_000)
        )
        #expect(objective.active?.start.text == "2025-12-31T23:00:00Z")
        #expect(objective.active?.end == .distantFuture)
    }

    @Test("with a while have a hidden indicator after all others, over the same windows and without demands")
    func haveHiddenIndicator() throws {
        let plant = try plant("max: 5, while: a.running == 1")
        let hidden = try #require(plant.plan.indicators.last)
        #expect(plant.objectives[0].guardIndicator == 1)
        #expect(hidden.name == "o/while" && hidden.isHidden)
        #expect(hidden.formula == .leaf(.hours(Condition(.leaf(1), .equal, .number(1)))))
        #expect(hidden.rule == plant.plan.indicators[0].rule)
        #expect(hidden.minCoverage == nil && hidden.minCount == nil)
        #expect(hidden.grace == 300_000)
    }

    @Test("are frozen as canonical JSON, in the order written")
    func areFrozen() throws {
        let source = try plant("max: 200.0, warn: 1.8e2, title: \"N \\\"x\\\"\", active: {from: 2026-01-01}, for: 0x2")
            .objectives[0].source
        #expect(
            source
                == #"{"name":"o","indicator":"use","max":200,"warn":180,"title":"N \"x\"","active":{"from":"2026-01-01"},"for":2}"#
        )
    }
}
