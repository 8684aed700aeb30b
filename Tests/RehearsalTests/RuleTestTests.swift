import Foundation
import PlantConfiguration
import Rehearsal
import TestKit
import Testing

@Suite("Rule tests")
struct RuleTestTests {
    static let configuration = """
        site: {name: Works, timezone: Europe/Stockholm}
        meters: {stack: {interval: 1m, points: {nox: {kind: gauge, unit: mg/m3}}}}
        indicators: {nox_half_hour: {window: 30m, formula: mean(stack.nox), unit: mg/m3}}
        objectives: {nox_permit: {indicator: nox_half_hour, max: 200, warn: 180}}
        """

    @Test("what comes out as expected is passed over in silence")
    func passes() throws {
        let outcome = try run(
            """
            tests:
              - name: a half-hour above
                start: 2026-01-01
                interval: 1m
                series: {stack.nox: 100x30 250x30 _x30 185?x30}
                values:
                  - {indicator: nox_half_hour, at: 30m, value: 100, status: valid, coverage: 1}
                  - {indicator: nox_half_hour, at: 90m, value: 250, status: insufficient, coverage: 0.067}
                  - {indicator: nox_half_hour, at: 2026-01-01T01:00:00Z, value: 185, flags: [uncertain]}
                verdicts:
                  - {objective: nox_permit, at: 1h, verdict: not_met, value: 250.0, limit: 200}
                  - {objective: nox_permit, all: met not_met not_evaluable warning}
                nonconformities:
                  - {objective: nox_permit, onset: 30m, raised_at: 60m, cleared_at: 2h, peak: 250, limit: 200}
            """)
        #expect(outcome.failures == [])
        #expect(outcome.count == 1)
    }

    @Test("what does not come out is told with its place, what was expected and what was found")
    func fails() throws {
        let outcome = try run(
            """
            tests:
              - name: wrong
                start: 2026-01-01
                series: {stack.nox: 100x30 250x30}
                values:
                  - {indicator: nox_half_hour, at: 30m, value: 100.01, status: insufficient}
                  - {indicator: nox_half_hour, at: 35m, value: 1}
                verdicts:
                  - {objective: nox_permit, at: 1h, verdict: met}
                  - {objective: nox_permit, all: metx3}
                  - {objective: nox_permit, all: met not_met metx2}
                nonconformities: []
            """)
        let told = outcome.failures.map { $0.split(separator: "/").last.map(String.init) ?? "" }
        #expect(
            told == [
                "tests.yaml:6:9: test 'wrong': nox_half_hour at 2026-01-01T00:30:00+01:00: expected value 100.01, found 100.0",
                "tests.yaml:6:9: test 'wrong': nox_half_hour at 2026-01-01T00:30:00+01:00: expected status insufficient, found valid",
                "tests.yaml:7:9: test 'wrong': nox_half_hour at 2026-01-01T00:35:00+01:00: no window ends there, or it has not closed",
                "tests.yaml:9:9: test 'wrong': nox_permit at 2026-01-01T01:00:00+01:00: expected met, found not_met",
                "tests.yaml:10:9: test 'wrong': nox_permit at 2026-01-01T01:00:00+01:00: expected met, found not_met",
                "tests.yaml:11:9: test 'wrong': nox_permit: expected 4 verdicts, found 2",
                "tests.yaml:2:5: test 'wrong': a nonconformity was raised that is not expected: "
                    + "nox_permit from 2026-01-01T00:30:00+01:00, raised at 2026-01-01T01:00:00+01:00",
            ])
    }

    @Test("a faulty file is refused with all its faults, and nothing is run")
    func faulty() throws {
        let outcome = try run(
            """
            tests:
              - name: faulty
                start: 2026-01-01
                series: {stack.noxx: 1, stack.nox: 1x}
                values: [{indicator: nox_hour, at: 1h, status: good}]
                verdicts: [{objective: nox_permit, verdict: fine}]
                unknown: 1
            """)
        #expect(outcome.isFileFaulty && outcome.count == 0)
        #expect(outcome.failures.count == 7)
        #expect(
            outcome.failures[0].contains(
                "tests.yaml:4:14: error: unknown point 'stack.noxx' (did you mean 'stack.nox'?)"))
    }

    private func run(_ tests: String) throws -> RuleTestRun.Outcome {
        let folder = try TemporaryFolder()
        let path = folder.path + "/emsd.yaml"
        try Self.configuration.write(toFile: path, atomically: true, encoding: .utf8)
        try tests.write(toFile: folder.path + "/tests.yaml", atomically: true, encoding: .utf8)
        let plant = try #require(PlantLoader.load(path: path).plant)
        return try RuleTestRun(folder.path + "/tests.yaml").run(plant)
    }
}
