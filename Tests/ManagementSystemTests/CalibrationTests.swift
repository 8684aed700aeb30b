import ManagementSystem
import Metering
import Testing

/// Worked numbers that were computed twice by hand.
@Suite("Calibration functions and drift charts of EN 14181")
struct CalibrationTests {
    static let demand = CalibrationFunction.Demand(limit: 200, share: 0.2)
    static let readings = [
        60.2, 66, 71.5, 75.8, 80.1, 84.9, 90.3, 95.2, 101, 106.2, 110.7, 115.9, 120.4, 126.1, 131,
    ]
    static let references = [
        63, 70.9, 75.1, 81.2, 84.6, 88.1, 96, 99.7, 108.4, 110.2, 117.5, 122.8, 124.9, 134.2, 136.7,
    ]

    @Test("QAL2 of fifteen pairs: function, variability and valid range")
    func function() throws {
        let function = try worked()
        #expect(function.method == .a)
        #expect(near(function.intercept, 1.070034) && near(function.slope, 1.043161))
        #expect(near(function.deviation, 1.236307) && near(function.greatestDeviation, 19.920765))
        #expect(abs(function.rangeEnd - 151.4966) < 5e-5)
        #expect(function.isSound)
    }

    @Test(
        "kv of the number of pairs",
        arguments: [(5, 0.9161), (6, 0.9329), (8, 0.9521), (10, 0.9628), (15, 0.9761)])
    func factor(count: Int, expected: Double) {
        #expect(abs(CalibrationFunction.factor(of: count) - expected) < 6e-5)
    }

    @Test("pairs that lie close together give a line through the reading at zero")
    func closeTogether() throws {
        let pairs = [50.0, 52, 54].map { CalibrationFunction.Pair(reading: $0, reference: ($0 - 2) * 1.5) }
        let function = try #require(CalibrationFunction(pairs, Self.demand, zero: 2))
        #expect(function.method == .b && abs(function.slope - 1.5) < 1e-12 && abs(function.intercept + 3) < 1e-12)
        #expect(CalibrationFunction(Array(pairs.prefix(2)), Self.demand) == nil)
    }

    @Test("AST of five pairs passes, and with references 25 higher it fails")
    func surveillance() throws {
        let x = [70.0, 85, 98, 112, 125]
        let y = [76.5, 93, 104.1, 121, 133.2]
        func test(_ shift: Double) throws -> SurveillanceTest {
            let pairs = zip(x, y).map { CalibrationFunction.Pair(reading: $0, reference: $1 + shift) }
            return try #require(SurveillanceTest(try worked(), pairs, Self.demand))
        }
        let passed = try test(0)
        #expect(near(passed.mean, 2.260153) && near(passed.deviation, 1.016159))
        #expect(abs(passed.greatestDeviation - 28.0428) < 5e-5 && abs(passed.greatestMean - 21.3770) < 5e-5)
        #expect(passed.isPassed)
        let failed = try test(25)
        #expect(abs(failed.mean - 27.2602) < 5e-5 && !failed.isPassed)
    }

    @Test("a CUSUM finds the drift at the seventh reading, and says by how much to adjust")
    func drift() {
        var chart = DriftChart(deviation: 1)
        let entries = [0.4, -0.3, 0.9, 1.2, 0.8, 1.5, 1.1].map { chart.take($0) }
        #expect(zip(entries.map(\.up), [0, 0, 0.399, 1.098, 1.397, 2.396, 2.995]).allSatisfy { near($0, $1) })
        #expect(entries.prefix(6).allSatisfy { $0.conclusion == .none } && entries[6].count == 5)
        guard case .drift(let adjustment) = entries[6].conclusion else {
            Issue.record("no drift")
            return
        }
        #expect(near(adjustment, 0.770))
        #expect(chart.take(0.4).up == 0, "the sums begin anew")
    }

    @Test("a CUSUM downwards, with a standard deviation of 0.8")
    func downwards() {
        var chart = DriftChart(deviation: 0.8)
        let entries = [-0.8, -1.6, -1.2].map { chart.take($0) }
        #expect(near(entries[2].down, 2.3976))
        guard case .drift(let adjustment) = entries[2].conclusion else {
            Issue.record("no drift")
            return
        }
        #expect(near(adjustment, -0.840))
    }

    @Test("scatter is loss of precision, and no drift")
    func precision() {
        var chart = DriftChart(deviation: 1)
        let entries = [0.5, -2.5, 2.8].map { chart.take($0) }
        #expect(zip(entries.map(\.precision), [0, 2.65, 14.845]).allSatisfy { near($0, $1) })
        #expect(entries[1].conclusion == .none && entries[2].conclusion == .precision)
    }

    @Test("the weighted mean of the same readings gives no signal yet")
    func weightedMean() {
        var chart = WeightedMeanChart(deviation: 1)
        #expect(![0.4, -0.3, 0.9, 1.2, 0.8, 1.5, 1.1].map { chart.take($0).isOver }.contains(true))
        var shifted = WeightedMeanChart(deviation: 1)
        #expect((0..<6).map { _ in shifted.take(3).isOver }.contains(true))
    }

    @Test("a week over 40 % alarms at once, and the sixth over 5 % since the last check of the meter")
    func weeks() {
        let week: Int64 = 7 * 86_400_000
        let outside = [6, 5, 6, 41, 0, 6, 6, 6, 6, 6, 6]
        let weeks = outside.enumerated().map { index, outside in
            let start = Instant(milliseconds: Int64(index) * week)
            return RangeWeek(week: Window(start: start, end: start + week), windows: 100, outside: outside)
        }
        let judged = RangeWeek.judged(weeks, resets: [Instant(milliseconds: 0)])
        #expect(judged.map(\.overs) == [1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9])
        #expect(judged.map(\.alarm) == [nil, nil, nil, .oneWeek, nil, nil, nil, .manyWeeks, nil, nil, nil])
        let tested = RangeWeek.judged(weeks, resets: [Instant(milliseconds: 0), Instant(milliseconds: 5 * week)])
        #expect(tested.map(\.overs) == [1, 1, 2, 3, 3, 1, 2, 3, 4, 5, 6] && tested.last?.alarm == .manyWeeks)
    }

    private func worked() throws -> CalibrationFunction {
        let pairs = zip(Self.readings, Self.references).map { CalibrationFunction.Pair(reading: $0, reference: $1) }
        return try #require(CalibrationFunction(pairs, Self.demand))
    }

    private func near(_ found: Double, _ expected: Double) -> Bool { abs(found - expected) < 6e-7 }
}
