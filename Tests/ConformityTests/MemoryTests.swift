import Indicators
import Metering
import TestKit
import Testing

@testable import Conformity

@Suite("The judge's memory")
struct MemoryTests {
    /// One objective of each kind.
    enum Kind: String, CaseIterable {
        case maximum, minimum, both, allowedCount, allowedShare, shareOfCalendar, budget, reduction, available
        case missing, percentile, trend, rateOfChange, savings, deviation

        var requirement: Requirement {
            let week = WindowRule(grid: .week)
            return switch self {
            case .maximum: .limits(max: 50, min: nil, warn: 48, allowance: nil)
            case .minimum: .limits(max: nil, min: 50, warn: nil, allowance: nil)
            case .both: .limits(max: 60, min: 40, warn: nil, allowance: nil)
            case .allowedCount:
                .limits(
                    max: 55, min: nil, warn: 50, allowance: Allowance(amount: .count(3), per: WindowRule(grid: .day)))
            case .allowedShare:
                .limits(
                    max: 55, min: nil, warn: nil,
                    allowance: Allowance(amount: .share(ExactFraction(7, 100), of: .evaluable), per: week))
            case .shareOfCalendar:
                .limits(
                    max: 55, min: nil, warn: nil,
                    allowance: Allowance(amount: .share(ExactFraction(7, 100), of: .calendar), per: week))
            case .budget: .budget(800, per: WindowRule(grid: .day))
            case .reduction:
                .reduction(ExactFraction(5, 100), .value(50))
            case .available: .available(ExactFraction(96, 100), per: week)
            case .missing: .missing(6, per: WindowRule(grid: .day))
            case .percentile:
                .percentile(
                    Percentile(
                        tiers: [
                            .init(share: ExactFraction(80, 100), max: 52),
                            .init(share: ExactFraction(95, 100), max: 60),
                        ],
                        per: WindowRule(grid: .day)))
            case .trend: .trend(Trend(windows: 8, max: 0.1, min: -0.1, confidence: ExactFraction(80, 100)))
            case .rateOfChange: .rateOfChange(RateOfChange(max: 5, min: -8, per: nil))
            case .savings:
                .savings(Savings(share: ExactFraction(11, 100), per: week, confidence: ExactFraction(90, 100)))
            case .deviation: .deviation(Deviation(h: 4, k: 0.5, side: .both))
            }
        }
    }

    @Test("stopped and continued anywhere, the judge says the same, bit for bit", arguments: Kind.allCases, 1...6)
    func restarts(kind: Kind, seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let calendar = try calendar()
        let hour = try rule("1h")
        let start = try instant("2026-03-25T12:00:00Z")
        let definition = objective(
            kind.requirement, raiseAfter: Int.random(in: 1...4, using: &numbers),
            clearAfter: Int.random(in: 1...4, using: &numbers), clearAt: kind == .maximum ? 45 : nil,
            guardIndicator: seed % 2 == 0 ? 1 : nil)
        let whole = Bench(definition, rule: hour, from: start, in: calendar)
        let broken = Bench(definition, rule: hour, from: start, in: calendar)
        let fresh = broken.judge
        if seed > 4 {
            // It begins in a period that holds a window of another unit.
            let other = IndicatorValue(
                indicator: 0, window: Window(start: start - 3_600_000, end: start), value: 50, status: .valid,
                coverage: 1, base: 3_600_000, flags: [])
            for bench in [whole, broken] {
                bench.judge.begin(
                    after: start, carrying: nil, keepingEpisode: false, isSameUnit: true, exceedances: 0,
                    values: [(other, ObjectiveJudge.Context(recordStart: start), true)])
            }
        }
        let regression = try model()
        for step in 0..<600 {
            let value: Double? =
                Int.random(in: 0..<7, using: &numbers) == 0 ? nil : Double.random(in: 35...62, using: &numbers)
            let coverage = Int.random(in: 0..<5, using: &numbers) == 0 ? Double.random(in: 0...1, using: &numbers) : 1
            let status: IndicatorStatus = value == nil ? .undefined : coverage < 0.5 ? .insufficient : .valid
            let holds = Int.random(in: 0..<8, using: &numbers) != 0
            let model =
                kind.requirement.demand.needsModel
                ? ModelledWindow(regression: regression, drivers: [Double(800 + step % 200)], isShort: true) : nil
            let expected = whole.judge(value, status: status, coverage: coverage, guardHolds: holds, model: model)
            if Int.random(in: 0..<3, using: &numbers) == 0 {
                let memory = broken.judge.memory
                broken.judge = fresh
                #expect(broken.restore(memory))
                #expect(broken.judge.memory == memory)
            }
            let actual = broken.judge(value, status: status, coverage: coverage, guardHolds: holds, model: model)
            guard actual == expected, actual?.value?.bitPattern == expected?.value?.bitPattern else {
                Issue.record("window \(step): \(String(describing: actual)) instead of \(String(describing: expected))")
                return
            }
        }
        #expect(broken.events == whole.events)
        #expect(!whole.events.isEmpty, "the case must have episodes to mean anything")
    }

    @Test("a quiet objective remembers nothing, and one in an episode a few bytes")
    func size() throws {
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let bench = Bench(
            objective(limit, clearAfter: 3), rule: try rule("1h"), from: try instant("2026-03-01T00:00:00Z"),
            in: try calendar())
        #expect(bench.judge(10)?.memory == [])
        let memory = try #require(bench.judge(60)?.memory)
        #expect(memory.count <= 36)
        #expect(memory.first == 1, "the version")
    }

    @Test("bytes that are no memory are refused, and the judge begins anew")
    func refused() throws {
        let definition = objective(
            .budget(100, per: try rule("1d")), raiseAfter: 2)
        let bench = Bench(
            definition, rule: try rule("6h"), from: try instant("2026-03-01T00:00:00Z"), in: try calendar("UTC"))
        bench.judge(60)
        let memory = try #require(bench.judge(60)?.memory)
        for length in 1..<memory.count {
            #expect(!bench.restore(Array(memory.prefix(length))))
            #expect(bench.judge.memory.isEmpty)
        }
        #expect(!bench.restore(memory + [0]))
        #expect(bench.judge.memory.isEmpty)
        #expect(!bench.restore([2] + memory.dropFirst()))
        #expect(bench.restore(memory))
        #expect(bench.judge.memory == memory)
    }

    @Test("judging from the memory of any window on gives the verdicts of that time again")
    func rejudging() throws {
        var numbers = SeededNumbers(seed: 99)
        let start = try instant("2026-03-01T00:00:00Z")
        let limit = Requirement.limits(max: 50, min: nil, warn: nil, allowance: nil)
        let values = (0..<200).map { _ in Double.random(in: 40...60, using: &numbers) }
        let definition = objective(limit, raiseAfter: 2, clearAfter: 2)
        let first = Bench(definition, rule: try rule("1h"), from: start, in: try calendar())
        for value in values { first.judge(value) }
        for index in stride(from: 0, to: 200, by: 17) {
            let from = start + Int64(index) * 3_600_000
            let again = Bench(definition, rule: try rule("1h"), from: from, recordStart: start, in: try calendar())
            if index > 0 { again.judge.memory = first.verdicts[index - 1].memory }
            for value in values[index...] { again.judge(value) }
            #expect(again.verdicts == Array(first.verdicts[index...]))
        }
    }
}
