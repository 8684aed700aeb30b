import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("Objectives over calendar periods")
struct PeriodTests {
    @Test("V26: of 17520 half-hours a share of 3 % is 525: 525 exceedances are met, 526 are not")
    func allowedShare() throws {
        let allowance = Allowance(amount: .share(ExactFraction(3, 100), of: .evaluable), per: try rule("1y"))
        let limit = Requirement.limits(max: 200, min: nil, warn: nil, allowance: allowance)
        let start = try instant("2024-12-31T23:00:00Z")
        let bench = Bench(objective(limit), rule: try rule("30m"), from: start, in: try calendar())
        for _ in 0..<525 { #expect(bench.judge(250)?.verdict == .met) }
        #expect(bench.judge(100)?.verdict == .met)
        #expect(bench.judge(250)?.verdict == .notMet)
        #expect(bench.judge(100)?.verdict == .notMet, "every evaluable window of that year is not met from then on")
        #expect(bench.judge(nil)?.verdict == .notEvaluable)
        for _ in 529..<17_520 { bench.judge(100) }
        #expect(bench.verdicts.last?.window.end == (try instant("2025-12-31T23:00:00Z")))
        #expect(bench.verdicts.last?.verdict == .notMet)
        #expect(bench.judge(250)?.verdict == .met, "a new year begins with nothing used up")
        #expect(bench.verdicts.last?.limit == 200)
    }

    @Test(
        "of a year with 8000 evaluable half-hours 3 % are 240; of the calendar's half-hours they are 525",
        arguments: [
            (240, Allowance.Windows.evaluable, Verdict.met), (241, .evaluable, .notMet), (525, .calendar, .met),
            (526, .calendar, .notMet),
        ])
    func allowedShareOfEvaluable(count: Int, windows: Allowance.Windows, verdict: Verdict) throws {
        let allowance = Allowance(amount: .share(ExactFraction(3, 100), of: windows), per: try rule("1y"))
        let limit = Requirement.limits(max: 200, min: nil, warn: nil, allowance: allowance)
        let start = try instant("2024-12-31T23:00:00Z")
        let bench = Bench(objective(limit), rule: try rule("30m"), from: start, in: try calendar())
        for index in 0..<7999 { bench.judge(index < count ? 250 : 100) }
        // A lost window takes its part of the allowance along; so does an idle one.
        for index in 7999..<17_519 { bench.judge(nil, flags: index % 2 == 0 ? .idle : []) }
        #expect(bench.judge(100)?.verdict == verdict)
    }

    @Test("on 1 January after ten evaluable half-hours the year can still have all of them")
    func allowedShareOfTheYearToCome() throws {
        let allowance = Allowance(amount: .share(ExactFraction(3, 100), of: .evaluable), per: try rule("1y"))
        let limit = Requirement.limits(max: 200, min: nil, warn: nil, allowance: allowance)
        let start = try instant("2024-12-31T23:00:00Z")
        let judge = Bench(objective(limit), rule: try rule("30m"), from: start, in: try calendar())
        for _ in 0..<10 { judge.judge(100) }
        var account = try #require(judge.judge.account)
        #expect(account.reachableCount(after: account.period.start + 10 * 1_800_000) == 17_520)
        #expect(account.reachableCount(after: account.period.start + 12 * 1_800_000) == 17_518)
    }

    @Test(
        "so many windows of a period may be lost, and idle ones are not lost",
        arguments: [(10, Verdict.met), (11, .notMet)])
    func missing(lost: Int, verdict: Verdict) throws {
        let missing = Requirement.missing(10, per: try rule("1y"))
        let bench = Bench(
            objective(missing), rule: try rule("1d"), from: try instant("2025-12-31T23:00:00Z"), in: try calendar())
        for index in 0..<lost {
            #expect(bench.judge(index % 2 == 0 ? nil : 3, status: .insufficient)?.value == Double(index + 1))
            bench.judge(nil, status: .undefined, coverage: 0, flags: .idle)
        }
        let judged = try #require(bench.judge(10))
        #expect(judged.verdict == verdict)
        #expect(judged.value == Double(lost) && judged.limit == 10)
        #expect(bench.verdicts.allSatisfy { $0.verdict != .notEvaluable })
        for _ in bench.verdicts.count..<365 { bench.judge(10) }
        #expect(bench.judge(10)?.value == 0, "a new year begins with nothing lost")
        #expect(bench.episodes.count == (verdict == .met ? 0 : 1))
    }

    @Test("an allowed exceedance past the warning is a warning")
    func allowedWarning() throws {
        let allowance = Allowance(amount: .count(1), per: try rule("1d"))
        let limit = Requirement.limits(max: 200, min: nil, warn: 180, allowance: allowance)
        let start = try instant("2026-01-31T23:00:00Z")
        let bench = Bench(objective(limit), rule: try rule("1h"), from: start, in: try calendar())
        #expect(bench.judge(250)?.verdict == .warning)
        #expect(bench.judge(170)?.verdict == .met)
        #expect(bench.judge(201)?.verdict == .notMet)
        #expect(bench.judge(170)?.verdict == .notMet)
        let episode = try #require(bench.episodes.first)
        #expect(episode.peak == 201)
        #expect(episode.limit == 200)
    }

    @Test(
        "the windows of a period are counted the same by days and one by one",
        arguments: ["Europe/Stockholm", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca"])
    func counting(zone: String) throws {
        let calendar = try calendar(zone)
        let year = WindowSequence(try rule("1y"), calendar: calendar).first(
            endingAfter: try instant("2026-06-01T00:00:00Z"))
        let shifts = WindowRule(grid: .shifts([21_600_000, 50_400_000, 79_200_000]))
        for rule in [try rule("15m"), try rule("30m"), try rule("1h"), try rule("8h"), try rule("1d"), shifts] {
            let windows = WindowSequence(rule, calendar: calendar)
            let counted = windows.count(endingAfter: year.start, upTo: year.end)
            #expect(windows.countByDays(endingAfter: year.start, upTo: year.end) == counted)
            // In Cairo it is the second 23:30 of that Thursday.
            for from in [year.start + 1_234_567, try instant("2026-10-29T21:30:00Z")] {
                #expect(
                    windows.countByDays(endingAfter: from, upTo: year.end - 7_654_321)
                        == windows.count(endingAfter: from, upTo: year.end - 7_654_321))
            }
        }
    }

    @Test("V45: 8030 of a budget of 36500 after day 73 is forecast as 40150: warning")
    func budgetForecast() throws {
        let budget = Requirement.budget(36_500, per: try rule("1y"))
        let start = try instant("2025-12-31T23:00:00Z")
        let bench = Bench(objective(budget), rule: try rule("1d"), from: start, in: try calendar())
        for _ in 0..<73 { bench.judge(110) }
        let judged = try #require(bench.verdicts.last)
        #expect(judged.verdict == .warning)
        #expect(judged.value == 8030)
        #expect(judged.limit == 36_500)
        // 99.9 a day stays below, 100 a day is exactly the budget and not above it.
        let calm = Bench(objective(budget), rule: try rule("1d"), from: start, in: try calendar())
        for _ in 0..<73 { calm.judge(100) }
        #expect(calm.verdicts.allSatisfy { $0.verdict == .met })
    }

    @Test("a budget's elapsed time is counted from the record's start where that is later than the period's")
    func budgetFromRecord() throws {
        let budget = Requirement.budget(1000, per: try rule("1mo"))
        let record = try instant("2026-06-20T22:00:00Z")
        let bench = Bench(objective(budget), rule: try rule("1d"), from: record, in: try calendar())
        // 10 days are left with the first one: 100 a day is 1000 and no more.
        #expect(bench.judge(100)?.verdict == .met)
        #expect(bench.judge(101)?.verdict == .warning)
    }

    @Test("a budget adds up insufficient windows, is not met once above, and begins anew with the period")
    func budgetSum() throws {
        let budget = Requirement.budget(100, per: try rule("1d"))
        let start = try instant("2026-02-01T23:00:00Z")
        let bench = Bench(objective(budget), rule: try rule("6h"), from: start, in: try calendar())
        let before = try #require(Bench(bench).judge(nil))
        #expect(before.value == nil, "a sum of nothing is no value")
        #expect(before.limit == 100)
        let short = try #require(bench.judge(60, status: .insufficient, coverage: 0.2))
        #expect(short.verdict == .notEvaluable)
        #expect(short.value == 60)
        #expect(short.limit == 100)
        let none = try #require(bench.judge(nil))
        #expect(none.value == 60)
        #expect(bench.judge(41)?.verdict == .notMet)
        #expect(bench.judge(4)?.value == 105)
        let next = try #require(bench.judge(4))
        #expect(next.verdict == .met)
        #expect(next.value == 4)
        let episode = try #require(bench.episodes.first)
        #expect(episode.peak == 105)
        #expect(episode.clearedAt == next.window.end)
    }

    @Test("a window belongs to the period that holds its last instant")
    func belonging() throws {
        // The week from Monday 2026-06-29 ends in July, and belongs to it whole.
        let budget = Requirement.budget(1000, per: try rule("1mo"))
        let start = try instant("2026-06-21T22:00:00Z")
        let bench = Bench(objective(budget), rule: try rule("1w"), from: start, in: try calendar())
        #expect(bench.judge(10)?.value == 10)
        #expect(bench.judge(20)?.value == 20)
        #expect(bench.judge(30)?.value == 50)
    }

    @Test("V41: 11520 against a baseline of 12000 reduced by 5 % is not met: the target is 11400")
    func reduction() throws {
        let reduction = Requirement.reduction(ExactFraction(5, 100), .value(12_000))
        let bench = Bench(
            objective(reduction), rule: try rule("1mo"), from: try instant("2026-01-01T00:00:00Z"), in: try calendar())
        let judged = try #require(bench.judge(11_520))
        #expect(judged.verdict == .notMet)
        #expect(judged.limit == 11_400)
        #expect(bench.judge(11_400)?.verdict == .met)
    }

    @Test("nothing is measured against a baseline whose stretch is not over, or that cannot be computed")
    func baselinePeriod() throws {
        let stretch = Window(start: try instant("2026-01-01T00:00:00Z"), end: try instant("2026-02-01T00:00:00Z"))
        let reduction = Requirement.reduction(ExactFraction(1, 10), .mean(over: stretch))
        let bench = Bench(
            objective(reduction), rule: try rule("1d"), from: try instant("2026-01-31T10:00:00Z"),
            in: try calendar("UTC"))
        let during = try #require(bench.judge(500, baseline: 100))
        #expect(during.verdict == .notEvaluable)
        #expect(during.limit == nil)
        let unknown = try #require(bench.judge(500))
        #expect(unknown.verdict == .notEvaluable)
        #expect(unknown.limit == nil)
        #expect(unknown.value == 500)
        let after = try #require(bench.judge(500, baseline: 100))
        #expect(after.verdict == .notMet)
        #expect(after.limit == 90)
        let short = try #require(bench.judge(500, status: .insufficient, baseline: 100))
        #expect(short.verdict == .notEvaluable)
        #expect(short.limit == 90)
    }

    @Test("availability is what the period can still reach, and is judged also where the indicator has no value")
    func available() throws {
        let available = Requirement.available(ExactFraction(95, 100), per: try rule("1d"))
        let start = try instant("2026-06-30T22:00:00Z")
        let bench = Bench(objective(available), rule: try rule("1h"), from: start, in: try calendar())
        #expect(bench.judge(10)?.value == 1)
        let silent = try #require(bench.judge(nil, status: .insufficient, coverage: 0))
        #expect(silent.verdict == .met)
        #expect(try abs(#require(silent.value) - 23.0 / 24) < 1e-12)
        #expect(silent.limit == 0.95)
        let second = try #require(bench.judge(nil, status: .insufficient, coverage: 0.5))
        #expect(second.verdict == .notMet, "1.5 h of 24 h are lost: 93.75 %")
        let whole = try #require(bench.judge(10))
        #expect(whole.verdict == .notMet, "what is lost stays lost for the day")
        #expect(whole.value == second.value)
        for _ in 0..<20 { bench.judge(10) }
        #expect(bench.judge(10)?.value == 1, "the next day begins with everything before it")
        #expect(bench.episodes.map(\.peak) == [second.value])
    }

    @Test("V67: a day without any reading breaks the availability objective of that day")
    func silentDay() throws {
        let available = Requirement.available(ExactFraction(95, 100), per: try rule("1d"))
        let bench = Bench(
            objective(available), rule: try rule("1d"), from: try instant("2026-06-30T22:00:00Z"), in: try calendar())
        let judged = try #require(bench.judge(nil, status: .insufficient, coverage: 0))
        #expect(judged.verdict == .notMet)
        #expect(judged.value == 0)
    }

    @Test("availability counts only the time in which the condition held, and an idle window not at all")
    func availableWhile() throws {
        let available = Requirement.available(ExactFraction(90, 100), per: try rule("1d"))
        let bench = Bench(
            objective(available), rule: try rule("12h"), from: try instant("2026-06-30T22:00:00Z"), in: try calendar())
        let idle = try #require(bench.judge(nil, status: .undefined, coverage: 0, base: 0, flags: .idle))
        #expect(idle.verdict == .notEvaluable)
        #expect(idle.value == 1)
        // Half of 4.8 hours: a tenth of the day, which may be missing.
        let partly = try #require(bench.judge(5, status: .insufficient, coverage: 0.5, base: 17_280_000))
        #expect(partly.verdict == .met)
        #expect(try abs(#require(partly.value) - 0.9) < 1e-12)
    }

    @Test("windows outside 'active', or in which 'while' does not hold, are not judged and break no row")
    func restricted() throws {
        let active = Window(start: try instant("2026-01-01T01:00:00Z"), end: try instant("2026-01-01T08:00:00Z"))
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, raiseAfter: 2, active: active, guardIndicator: 1), rule: try rule("1h"),
            from: try instant("2026-01-01T00:00:00Z"), in: try calendar("UTC"))
        #expect(bench.judge(99, guardHolds: true) == nil, "before 'active'")
        #expect(bench.judge(99, guardHolds: true)?.verdict == .notMet)
        #expect(bench.judge(10, guardHolds: false) == nil)
        #expect(bench.judge(10) == nil, "a 'while' that is not known does not hold")
        #expect(bench.events.isEmpty)
        #expect(bench.judge(98, guardHolds: true)?.verdict == .notMet)
        #expect(bench.events.count == 1)
        #expect(bench.judge(10, guardHolds: true)?.verdict == .met)
        bench.judge(10, guardHolds: true)
        #expect(bench.judge(10, guardHolds: true)?.window.end == active.end)
        #expect(bench.judge(10, guardHolds: true) == nil, "after 'active'")
        #expect(bench.episodes.map(\.onset) == [active.start])
    }

    @Test("a budget takes in the windows of its period that are not judged")
    func budgetBeforeActive() throws {
        let active = Window(start: try instant("2026-01-01T12:00:00Z"), end: .distantFuture)
        let bench = Bench(
            objective(.budget(100, per: try rule("1d")), active: active), rule: try rule("6h"),
            from: try instant("2026-01-01T00:00:00Z"), in: try calendar("UTC"))
        #expect(bench.judge(40) == nil)
        #expect(bench.judge(40) == nil)
        let judged = try #require(bench.judge(21))
        #expect(judged.value == 101)
        #expect(judged.verdict == .notMet)
    }
}
