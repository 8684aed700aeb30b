import Indicators
import Metering
import Testing

@testable import Conformity

@Suite("Demands over several windows, or against a model")
struct TrendAndModelTests {
    @Test("six values rise by 1.333333 a window, and no chance makes that")
    func trend() throws {
        let bench = try bench(.trend(Trend(windows: 6, max: 1, min: nil, confidence: ExactFraction(95, 100))))
        let found = [10.0, 12, 11, 14, 15, 17].map { bench.judge($0) }
        #expect(
            found.prefix(4).allSatisfy { $0?.verdict == .notEvaluable }, "three quarters of six, rounded up, are five")
        #expect(found[4]?.verdict == .met, "five values may rise so by chance")
        #expect(found[5]?.verdict == .notMet)
        #expect(try abs(#require(found[5]?.value) - 4.0 / 3) < 1e-12)
        #expect(found[5]?.limit == 1)
        #expect(bench.judge(nil)?.verdict == .notEvaluable)
        #expect(bench.judge(17)?.verdict == .notMet, "one of the six is lost")
        bench.judge(nil)
        #expect(bench.judge(18)?.verdict == .notEvaluable, "two of the six are lost")
    }

    @Test("a fall is judged by 'min', and a level is met")
    func fall() throws {
        let bench = try bench(.trend(Trend(windows: 8, max: 0, min: -0.5, confidence: ExactFraction(95, 100))))
        for index in 0..<8 { bench.judge(100 - Double(index)) }
        #expect(bench.verdicts.last?.verdict == .notMet)
        #expect(bench.verdicts.last?.limit == -0.5)
        for _ in 0..<8 { bench.judge(50) }
        #expect(bench.verdicts.last?.verdict == .met)
        #expect(bench.verdicts.last?.value == 0)
    }

    @Test("a change is judged from window to window, and not across a lost one")
    func rateOfChange() throws {
        let hourly = RateOfChange.Span(milliseconds: 3_600_000, name: "h")
        let bench = try bench(
            .rateOfChange(RateOfChange(max: 10, min: -20, per: hourly)), rule: rule("30m"))
        #expect(bench.judge(100)?.verdict == .notEvaluable)
        #expect(bench.judge(105)?.value == 10)
        #expect(bench.judge(110.5)?.verdict == .notMet, "5.5 in half an hour")
        #expect(bench.judge(101)?.value == -19)
        #expect(bench.judge(90)?.verdict == .notMet)
        #expect(bench.verdicts.last?.limit == -20)
        #expect(bench.judge(nil)?.verdict == .notEvaluable)
        #expect(bench.judge(500)?.verdict == .notEvaluable)
        #expect(bench.judge(501)?.verdict == .met)
    }

    @Test("all hours of a year to a tier, 97 % of them to a lower one")
    func percentile() throws {
        let tiers = [
            Percentile.Tier(share: ExactFraction(97, 100), max: 240),
            Percentile.Tier(share: ExactFraction(1, 1), max: 400),
        ]
        let bench = try bench(.percentile(Percentile(tiers: tiers, per: rule("1d"))), rule: rule("30m"))
        // Of 48 half-hours 3 % are one.
        #expect(bench.judge(300)?.verdict == .met)
        #expect(bench.judge(240)?.verdict == .met)
        #expect(bench.judge(nil)?.verdict == .notEvaluable)
        let broken = try #require(bench.judge(241))
        #expect(broken.verdict == .notMet && broken.limit == 240)
        #expect(bench.judge(100)?.verdict == .notMet, "the day can no longer keep it")
        let worst = try #require(bench.judge(401))
        #expect(worst.verdict == .notMet && worst.limit == 400)
        for _ in 6..<48 { bench.judge(100) }
        #expect(bench.judge(100)?.verdict == .met, "a new day begins with nothing used up")
    }

    @Test(
        "what a share leaves, and what lies beyond the nearest rank",
        arguments: [
            (97, 17_520, 525, 526), (97, 10, 0, 0), (97, 48, 1, 1), (100, 7, 0, 0), (50, 1, 0, 0), (97, 20, 0, 1),
        ])
    func allowed(percent: Int64, count: Int, byShare: Int, byRank: Int) {
        let share = ExactFraction(percent, 100)
        #expect(Percentile.Tier(share: share, max: 1).allowed(of: count) == byShare)
        #expect(Percentile.Tier(share: share, isRank: true, max: 1).allowed(of: count) == byRank)
    }

    @Test("all half-hours to A, or 97 % of them to B: only both broken is not met")
    func either() throws {
        let tiers = [
            Percentile.Tier(share: ExactFraction(97, 100), max: 200),
            Percentile.Tier(share: ExactFraction(1, 1), max: 400),
        ]
        let bench = try bench(.percentile(Percentile(tiers: tiers, isEither: true, per: rule("1d"))), rule: rule("30m"))
        #expect(bench.judge(500)?.verdict == .met, "one of 48 may lie above B")
        #expect(bench.judge(250)?.verdict == .notMet)
        #expect(bench.verdicts.last?.limit == 400)
        for _ in 2..<48 { bench.judge(100) }
        for _ in 0..<10 { #expect(bench.judge(390)?.verdict == .met, "all are below A") }
        #expect(bench.judge(401)?.verdict == .notMet)
    }

    @Test("3.3866 % saved of three months is above 3 % and no chance; 4 % is missed")
    func savings() throws {
        for (percent, verdict) in [(3, Verdict.met), (4, .notMet)] as [(Int64, Verdict)] {
            let demand = Savings(
                share: ExactFraction(percent, 100), per: try rule("1y"), confidence: ExactFraction(90, 100))
            let bench = try bench(.savings(demand), rule: rule("1mo"))
            for (tonnes, used) in [(900.0, 420.0), (870, 410), (1000, 455)] {
                try bench.judge(tonnes: tonnes, used: used)
            }
            let judged = try #require(bench.verdicts.last)
            #expect(judged.verdict == verdict)
            #expect(try abs(#require(judged.value) - (1 - 0.966134)) < 6e-7)
        }
    }

    @Test("what is saved within the model's uncertainty is a warning, and without a usable model nothing is said")
    func doubtful() throws {
        let demand = Savings(share: ExactFraction(0, 1), per: try rule("1y"), confidence: ExactFraction(90, 100))
        let bench = try bench(.savings(demand), rule: rule("1mo"))
        #expect(bench.judge(5)?.verdict == .notEvaluable)
        #expect(try bench.judge(tonnes: 900, used: 434)?.verdict == .warning)
        #expect(try bench.judge(tonnes: 900, used: 400)?.verdict == .met)
    }

    @Test(
        "a model that fits exactly leaves rounding alone, of which nothing is saved for sure",
        arguments: [1e-10, 1e-13, -1e-10])
    func exactFit(saved: Double) throws {
        let tonnes: [Double] = [820, 760, 905, 940, 1010, 1100, 690, 650, 980, 1040, 990, 860]
        let regression = try #require(LinearRegression(tonnes.map { $0 / 2 }, drivers: [tonnes]))
        let demand = Savings(share: ExactFraction(0, 1), per: try rule("1y"), confidence: ExactFraction(90, 100))
        let bench = try bench(.savings(demand), rule: rule("1mo"))
        let window = ModelledWindow(regression: regression, drivers: [900], isShort: false)
        let judged = bench.judge(saved, model: window)
        #expect(judged?.verdict == .warning)
    }

    @Test("residuals of one and a half standard errors add up past 5 with the sixth window")
    func deviation() throws {
        let bench = try bench(.deviation(Deviation(h: 5, k: 0.5, side: .above)), rule: rule("1mo"))
        let error = try model().standardError
        func judge(_ errors: Double) throws -> JudgedWindow? {
            let expected = try model().predicted([900])
            return try bench.judge(tonnes: 900, used: expected + errors * error)
        }
        for sum in 1...5 {
            let judged = try #require(try judge(1.5))
            #expect(judged.verdict == .met)
            #expect(try abs(#require(judged.value) - Double(sum)) < 1e-9)
        }
        #expect(bench.judge(nil)?.verdict == .notEvaluable, "a lost window leaves the sum")
        #expect(try judge(1.5)?.verdict == .notMet)
        for _ in 0..<50 { _ = try judge(3) }
        #expect(bench.verdicts.last?.value == 10, "held at twice the interval")
        for _ in 0..<10 { _ = try judge(0) }
        #expect(bench.verdicts.last?.verdict == .met, "mended, it is over after ten windows")
        #expect(try judge(-30)?.value == 0, "less use counts for nothing here")
    }

    @Test("a reduction against what a model expects of each window")
    func modelledReduction() throws {
        let bench = try bench(.reduction(ExactFraction(5, 100), .model), rule: rule("1mo"))
        #expect(bench.judge(420)?.verdict == .notEvaluable, "the model says nothing of that window")
        let judged = try #require(bench.judge(420, baseline: 435.952617))
        #expect(judged.verdict == .notMet)
        #expect(try abs(#require(judged.limit) - 414.15498615) < 1e-9)
        #expect(bench.judge(414, baseline: 435.952617)?.verdict == .met)
    }

    private func bench(_ requirement: Requirement, rule window: WindowRule? = nil) throws -> Bench {
        Bench(
            objective(requirement), rule: try window ?? rule("1d"), from: try instant("2025-12-31T23:00:00Z"),
            in: try calendar())
    }
}

/// Twelve months of tonnes and electricity.
func model() throws -> LinearRegression {
    try #require(
        LinearRegression(
            [412, 395, 438, 447, 474, 496, 371, 352, 463, 478, 467, 421],
            drivers: [[820, 760, 905, 940, 1010, 1100, 690, 650, 980, 1040, 990, 860]]))
}

extension Bench {
    /// Judges the savings of a month.
    @discardableResult
    func judge(tonnes: Double, used: Double) throws -> JudgedWindow? {
        let regression = try model()
        let window = ModelledWindow(regression: regression, drivers: [tonnes], isShort: false)
        return judge(regression.predicted([tonnes]) - used, model: window)
    }
}
