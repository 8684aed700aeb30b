import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("Whether an action had its effect")
struct EffectivenessTests {
    private let time = Instant(milliseconds: 1_790_000_000_000)

    @Test(
        "a criterion is read as it is written",
        arguments: [
            ("nox <= 180 for 48 windows", "nox <= 180 for 48 windows"),
            ("t>-5.5 for 1 window", "t > -5.5 for 1 window"),
            ("eff >= .9 for 2 windows", "eff >= 0.9 for 2 windows"),
            ("a < 1e3 for 3 windows", "a < 1000 for 3 windows"),
        ])
    func criteria(text: String, normal: String) throws {
        let criterion = try EffectivenessCriterion(text)
        #expect(criterion.text == normal)
        #expect(try EffectivenessCriterion(normal) == criterion)
    }

    @Test(
        "a criterion that is none says what is wrong",
        arguments: [
            ("", "the formula ends where the name of an indicator is expected"),
            ("stack.nox <= 1 for 2 windows", "'stack.nox' stands where the name of an indicator is expected"),
            ("nox == 1 for 2 windows", "'==' stands where one of < <= > >= is expected"),
            ("nox <= 1", "the formula ends where 'for' is expected"),
            ("nox <= 1 for 0 windows", "'0' stands where a whole number of windows is expected"),
            ("nox <= 1 for 1.5 windows", "'1.5' stands where a whole number of windows is expected"),
            ("nox <= 1 for 2 days", "'days' stands where 'windows' is expected"),
        ])
    func faultyCriteria(text: String, message: String) {
        #expect { try EffectivenessCriterion(text) } throws: { ($0 as? FormulaFault)?.message == message }
    }

    @Test("the telemetry decides: valid windows in a row since the action, the first that does not hold is a failure")
    func telemetry() throws {
        let criterion = try EffectivenessCriterion("nox <= 180 for 3 windows")
        func value(_ index: Int, _ number: Double?, _ status: IndicatorStatus = .valid) -> IndicatorValue {
            let start = time + Int64(index) * 1000
            return IndicatorValue(
                indicator: 0, window: Window(start: start, end: start + 1000), value: number, status: status,
                coverage: 1,
                base: 1000)
        }
        let early = [value(-2, 900), value(-1, 900)]
        #expect(criterion.finding(in: early, since: time) == .pending(kept: 0, of: 3))
        let kept = early + [value(0, 180), value(1, 500, .insufficient), value(2, 180.000_000_01)]
        #expect(
            criterion.finding(in: kept, since: time) == .pending(kept: 2, of: 3, CountedOperation(time: 2000)))
        #expect(criterion.finding(in: kept + [value(3, 100)], since: time) == .met(at: time + 4000))
        #expect(
            criterion.finding(in: kept + [value(3, 181), value(4, 1)], since: time)
                == .failed(Window(start: time + 3000, end: time + 4000), value: 181))
    }

    @Test("windows of another operation neither count nor fail, and too little operation is not enough")
    func comparableOperation() throws {
        let criterion = try EffectivenessCriterion("nox <= 180 for 2 windows")
        func window(_ index: Int64, _ number: Double, coverage: Double = 1) -> IndicatorValue {
            IndicatorValue(
                indicator: 0, window: Window(start: time + index * 60_000, end: time + (index + 1) * 60_000),
                value: number,
                status: .valid, coverage: coverage, base: 60_000)
        }
        let values = [window(0, 100), window(1, 900), window(2, 100, coverage: 0.5), window(3, 100)]
        func finding(_ values: [IndicatorValue], least: Int64) -> Effectiveness {
            criterion.finding(in: values, since: time, least: least) { $0.window.start != time + 60_000 }
        }
        #expect(finding(values, least: 0) == .met(at: time + 180_000))
        #expect(finding(values, least: 120_000) == .met(at: time + 240_000))
        let short = finding(values, least: 200_000)
        #expect(
            short == .pending(kept: 2, of: 2, CountedOperation(windowsLeftOut: 1, time: 150_000, least: 200_000)))
        #expect(
            short.sentence
                == "met for 2 of 2 windows so far, in 2 min 30 s of the 3 min 20 s of operation that it needs; 1 more does not "
                + "count, for the plant stood still or ran otherwise than at the onset")
        #expect(finding([window(0, 100), window(2, 181)], least: 0) == .failed(values[2].window, value: 181))
    }
}
