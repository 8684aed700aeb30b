import Metering
import Testing

@testable import Indicators

/// Worked numbers that were computed twice by hand: twelve months of a works, its tonnes and its electricity.
@Suite("Models, savings and their uncertainty")
struct SavingsUncertaintyTests {
    static let tonnes: [Double] = [820, 760, 905, 940, 1010, 1100, 690, 650, 980, 1040, 990, 860]
    static let energy: [Double] = [412, 395, 438, 447, 474, 496, 371, 352, 463, 478, 467, 421]

    @Test("twelve months of tonnes and electricity give the model by hand")
    func model() throws {
        let model = try #require(LinearRegression(Self.energy, drivers: [Self.tonnes]))
        #expect(near(model.intercept.coefficient, 150.711520))
        #expect(near(model.drivers[0].coefficient, 0.316935))
        #expect(near(model.rSquared, 0.996312))
        #expect(abs(model.f - 2701.41) < 0.005)
        #expect(near(model.standardError, 2.871631))
        #expect(near(model.variation, 0.006609))
        #expect(abs(model.drivers[0].t - 51.975) < 0.0005)
    }

    @Test("three months later: expected, saved, and the uncertainty of the sum")
    func savings() throws {
        let model = try #require(LinearRegression(Self.energy, drivers: [Self.tonnes]))
        let after: [(tonnes: Double, used: Double)] = [(900, 420), (870, 410), (1000, 455)]
        let expected = after.map { model.predicted([$0.tonnes]) }
        #expect(zip(expected, [435.952617, 426.444580, 467.646072]).allSatisfy { near($0, $1) })
        let saved = zip(expected, after).map { $0 - $1.used }.reduce(0, +)
        #expect(near(saved, 45.043269))
        #expect(near(after.map(\.used).reduce(0, +) / expected.reduce(0, +), 0.966134))
        let bound = model.uncertainty(
            ofSumOver: 3, driverSums: [after.map(\.tonnes).reduce(0, +)], confidence: 0.9)
        #expect(near(bound, 10.121311))
        #expect(near(bound / Distribution.studentBound(0.9, freedom: 10), 5.584291))
    }

    @Test(
        "the fractional savings uncertainty of twelve months before and after",
        arguments: [(0.68, 0.205556), (0.90, 0.356034), (0.95, 0.437689)])
    func fractional(confidence: Double, expected: Double) throws {
        let share = SavingsUncertainty.share(
            variation: 0.05, count: 12, parameters: 2, autocorrelation: 0, after: 12, confidence: confidence)
        #expect(try near(#require(share) / 0.10, expected))
    }

    @Test("a year of days whose residuals follow each other is three times less sure than it looks")
    func autocorrelated() throws {
        func share(_ autocorrelation: Double) -> Double? {
            SavingsUncertainty.share(
                variation: 0.10, count: 365, parameters: 3, autocorrelation: autocorrelation, after: 365,
                confidence: 0.9)
        }
        #expect(try near(#require(share(0.5)) / 0.10, 0.333454))
        #expect(try near(#require(share(0)) / 0.10, 0.109056))
        #expect(share(0.99) == nil, "fewer independent days than parameters")
    }

    @Test("residuals that swing slowly are correlated, and the model's independent rows are fewer")
    func residuals() throws {
        let drivers = (0..<40).map { Double($0 * 7 % 40) }
        let slow = (0..<40).map { [1.0, 1, 1, 1, -1, -1, -1, -1][$0 % 8] }
        let quick = (0..<40).map { $0 % 2 == 0 ? 1.0 : -1.0 }
        let a = try #require(LinearRegression(zip(drivers, slow).map { 10 + 2 * $0 + $1 }, drivers: [drivers]))
        let b = try #require(LinearRegression(zip(drivers, quick).map { 10 + 2 * $0 + $1 }, drivers: [drivers]))
        #expect(a.autocorrelation > 0.4)
        #expect(a.independentCount < 20)
        #expect(b.autocorrelation < -0.9)
        #expect(b.independentCount == 40, "what swings to and fro makes nothing surer")
    }

    @Test("Theil-Sen and Mann-Kendall of six values")
    func trend() throws {
        let trend = try #require(TheilSen([10, 12, 11, 14, 15, 17]))
        #expect(near(trend.slope, 1.333333))
        #expect(trend.score == 13)
        #expect(near(trend.p, 0.024171))
        let level = try #require(TheilSen([3, 3, 3, 3, 3]))
        #expect(level.slope == 0 && level.score == 0 && level.p == 1)
        let holed = try #require(TheilSen([10, nil, 12, nil, nil, 15]))
        #expect(holed.slope == 1 && holed.score == 3)
        #expect(TheilSen([nil, 4]) == nil)
        // The mean of what stands still may differ in its last digit, which is no rise.
        let still = try #require(TheilSen([1059.047, 1011.676, 1011.676, 1011.676_000_000_000_2, 1011.676]))
        #expect(still == TheilSen([1059.047, 1011.676, 1011.676, 1011.676, 1011.676]))
    }

    static let temperatures: [Double] = [-8, -5, -2, 0, 3, 5, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]
    static let use: [Double] = [
        105.6, 97.1, 90.3, 84.3, 78, 72.7, 64.4, 60.4, 54.7, 50.1, 49.8, 50.5, 49.6, 53.5, 59.1, 66.6, 72.1, 79,
    ]

    @Test("five parameters of a building that heats below 14 and cools above 21 degrees")
    func fiveParameters() throws {
        let (points, model) = try #require(ChangePoints.fitted(Self.use, temperatures: Self.temperatures, .both))
        #expect(points == ChangePoints(heating: 14, cooling: 21))
        #expect(near(model.intercept.coefficient, 49.962334))
        #expect(near(model.drivers[0].coefficient, 2.505903))
        #expect(near(model.drivers[1].coefficient, 3.214798))
        #expect(near(model.unexplained, 3.247816))
        #expect(model.parameters == 5)
    }

    @Test("four parameters of the same building bend at 17 degrees, and are too poor")
    func fourParameters() throws {
        let (points, model) = try #require(ChangePoints.fitted(Self.use, temperatures: Self.temperatures, .bend))
        #expect(points == ChangePoints(heating: 17, cooling: 17))
        #expect(abs(model.unexplained - 59.6898) < 5e-5)
        #expect(model.parameters == 4)
    }

    @Test("heating alone and cooling alone have three parameters")
    func threeParameters() throws {
        let cold = Self.temperatures.map { 20 + 2 * max(0, 12 - $0) }
        let heating = try #require(ChangePoints.fitted(cold, temperatures: Self.temperatures, .heating))
        #expect(heating.points == ChangePoints(heating: 12, cooling: nil))
        #expect(near(heating.regression.drivers[0].coefficient, 2))
        let warm = Self.temperatures.map { 20 + 3 * max(0, $0 - 18) }
        let cooling = try #require(ChangePoints.fitted(warm, temperatures: Self.temperatures, .cooling))
        #expect(cooling.points == ChangePoints(heating: nil, cooling: 18))
        #expect(ChangePoints.fitted(cold, temperatures: cold.map { $0 * 100 }, .heating) == nil, "no temperature")
    }

    @Test(
        "the bound of Student's t for a probability",
        arguments: [(0.9, 10.0, 1.812461), (0.95, 5, 2.570582), (0.5, 1, 1)])
    func bound(probability: Double, freedom: Double, expected: Double) {
        #expect(near(Distribution.studentBound(probability, freedom: freedom), expected))
    }

    private func near(_ found: Double, _ expected: Double) -> Bool { abs(found - expected) < 6e-7 }
}
