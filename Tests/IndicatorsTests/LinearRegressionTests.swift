import Testing

@testable import Indicators

@Suite("Linear models agree with certified tables")
struct LinearRegressionTests {
    /// Norris: calibration of ozone monitors (NIST StRD), y then x.
    private static let norris = """
        0.1 0.2;338.8 337.4;118.1 118.2;888.0 884.6;9.2 10.1;228.1 226.5;668.5 666.3;998.5 996.3;449.1 448.6;778.9 777.0
        559.2 558.2;0.3 0.4;0.1 0.6;778.1 775.5;668.8 666.9;339.3 338.0;448.9 447.5;10.8 11.6;557.7 556.0;228.3 228.1
        998.0 995.8;888.8 887.6;119.6 120.2;0.3 0.3;0.6 0.3;557.6 556.8;339.3 339.1;888.0 887.2;998.5 999.0;778.9 779.0
        10.2 11.1;117.6 118.3;228.9 229.2;668.4 669.1;449.2 448.9;0.2 0.5
        """

    /// Longley: employment by six drivers that nearly follow from each other (NIST StRD), y then x1 to x6.
    private static let longley = """
        60323 83.0 234289 2356 1590 107608 1947;61122 88.5 259426 2325 1456 108632 1948
        60171 88.2 258054 3682 1616 109773 1949;61187 89.5 284599 3351 1650 110929 1950
        63221 96.2 328975 2099 3099 112075 1951;63639 98.1 346999 1932 3594 113270 1952
        64989 99.0 365385 1870 3547 115094 1953;63761 100.0 363112 3578 3350 116219 1954
        66019 101.2 397469 2904 3048 117388 1955;67857 104.6 419180 2822 2857 118734 1956
        68169 108.4 442769 2936 2798 120445 1957;66513 110.8 444546 4681 2637 121950 1958
        68655 112.6 482704 3813 2552 123366 1959;69564 114.2 502601 3931 2514 125368 1960
        69331 115.7 518173 4806 2572 127852 1961;70551 116.9 554894 4007 2827 130081 1962
        """

    private func model(_ table: String) throws -> LinearRegression {
        let rows = table.split { $0 == ";" || $0 == "\n" }.map { $0.split(separator: " ").compactMap { Double($0) } }
        let columns = (1..<rows[0].count).map { column in rows.map { $0[column] } }
        return try #require(LinearRegression(rows.map { $0[0] }, drivers: columns))
    }

    private func expect(_ found: [Double], _ certified: [Double], _ tolerance: Double = 1e-10) {
        #expect(found.count == certified.count)
        for (found, certified) in zip(found, certified) {
            #expect(abs(found - certified) <= tolerance * abs(certified), "\(found) is not \(certified)")
        }
    }

    @Test("V42 slope 9.85, intercept 531, R² 0.997661, RMSE 17.416467")
    func workedExample() throws {
        let model = try model("1520 100;1700 120;1930 140;2090 160;2310 180")
        expect([model.intercept.coefficient, model.drivers[0].coefficient], [531, 9.85])
        expect([model.rSquared, model.adjustedRSquared], [0.99766066838046272, 0.9968808911739503])
        expect([model.standardError], [17.416467303484175])
        expect([model.f, model.fP], [1279.4175824175824, 4.8054228974223763e-5])
        expect([model.intercept.t, model.intercept.p], [13.500484800603464, 0.0008788413322291055])
        expect([model.drivers[0].t, model.drivers[0].p], [35.768947180726223, 4.8054228974223763e-5])
    }

    @Test("Norris: one driver")
    func oneDriver() throws {
        let model = try model(Self.norris)
        #expect(model.count == 36)
        expect([model.intercept.coefficient, model.drivers[0].coefficient], [-0.262323073774029, 1.00211681802045])
        expect(
            [model.intercept.standardError, model.drivers[0].standardError], [0.232818234301152, 0.429796848199937e-3])
        expect(
            [model.standardError, model.rSquared, model.f], [0.884796396144373, 0.999993745883712, 5436385.54079785])
        expect([model.intercept.p, model.drivers[0].p], [0.26774674233320235, 4.6540408524724094e-90], 1e-8)
    }

    @Test("Longley: six drivers that can hardly be told apart")
    func sixDrivers() throws {
        let model = try model(Self.longley)
        expect(
            [model.intercept.coefficient] + model.drivers.map(\.coefficient),
            [
                -3482258.63459582, 15.0618722713733, -0.358191792925910e-1, -2.02022980381683, -1.03322686717359,
                -0.511041056535807e-1, 1829.15146461355,
            ], 1e-9)
        expect(
            [model.intercept.standardError] + model.drivers.map(\.standardError),
            [
                890420.383607373, 84.9149257747669, 0.334910077722432e-1, 0.488399681651699, 0.214274163161675,
                0.226073200069370, 455.478499142212,
            ], 1e-9)
        expect(
            [model.standardError, model.rSquared, model.f], [304.854073561965, 0.995479004577296, 330.285339234588])
        expect(
            model.drivers.map(\.p),
            [
                0.86314083280921453, 0.31268106109271112, 0.0025350917341112787, 0.00094436676416179346,
                0.82621179576364699, 0.0030368033416302891,
            ], 1e-8)
        expect([model.fP], [4.9840305287247886e-10], 1e-7)
    }

    @Test(
        "the incomplete beta function, from which every p comes",
        arguments: [
            (0.4, 2.0, 3.0, 0.5248), (0.3, 0.5, 0.5, 0.36901011956554538), (0.97, 180.0, 1.5, 0.011831853370143936),
            (0.0, 2.0, 3.0, 0.0), (1.0, 2.0, 3.0, 1.0),
        ])
    func incompleteBeta(x: Double, a: Double, b: Double, value: Double) {
        #expect(abs(Distribution.incompleteBeta(x, a, b) - value) <= 1e-13)
    }

    @Test("there is no model of too few rows, of a driver that stands still, or of one that follows from another")
    func impossible() {
        #expect(LinearRegression([1, 2], drivers: [[1, 2]]) == nil)
        #expect(LinearRegression([1, 2, 3], drivers: []) == nil)
        #expect(LinearRegression([1, 2, 3, 4], drivers: [[5, 5, 5, 5]]) == nil)
        #expect(LinearRegression([1, 2, 4, 8, 9], drivers: [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10]]) == nil)
    }

    @Test("what stands still but for its last digits is no driver, and is explained by nothing")
    func lastDigits() throws {
        let still = [100.1, 100.1 + 1e-12, 100.1 - 2e-12, 100.1 + 3e-12, 100.1]
        let rising = [1.0, 2, 4, 8, 9]
        #expect(LinearRegression(rising, drivers: [still]) == nil)
        #expect(LinearRegression(rising, drivers: [rising.map { $0 + 1 }, zip(rising, still).map { $0 + $1 }]) == nil)
        let model = try #require(LinearRegression(still, drivers: [rising]))
        #expect(model.rSquared == 0 && model.fP == 1)
        #expect(LinearRegression([1e6, 1e6 + 3, 1e6 + 7, 1e6 + 9], drivers: [[1, 2, 3, 4]])?.rSquared ?? 0 > 0.9)
    }

    @Test("points on a line leave no doubt, and a value that stands still is explained by nothing")
    func extremes() throws {
        let exact = try #require(LinearRegression([3, 5, 7, 9], drivers: [[1, 2, 3, 4]]))
        #expect(abs(exact.drivers[0].coefficient - 2) < 1e-14 && exact.fP < 1e-20 && exact.rSquared > 1 - 1e-15)
        // Half of a driver, but for the last digits: no measure for what comes later.
        let driver = (0..<20).map { 0.1 * Double($0) + 1.0 / 3 }
        let half = try #require(LinearRegression(driver.map { $0 * 0.7 / 1.4 }, drivers: [driver]))
        #expect(half.standardError == 0 && half.variation == 0)
        let still = try #require(LinearRegression([3, 3, 3, 3], drivers: [[1, 2, 3, 4]]))
        #expect(still.rSquared == 0 && still.fP == 1 && still.drivers[0].p == 1)
        #expect(!ModelFit(count: 4, regression: still).isUsable)
    }

    @Test("a model may be used when F, every driver and R² say so")
    func validity() throws {
        let longley = ModelFit(count: 16, regression: try model(Self.longley))
        let faults = longley.faults { "x\($0 + 1)" }
        #expect(faults.count == 3)
        #expect(faults[0].hasPrefix("driver 'x1' has p 0.863") && faults[2].hasPrefix("driver 'x5' has p 0.826"))
        #expect(!longley.isUsable)
        #expect(ModelFit(count: 36, regression: try model(Self.norris)).isUsable)
        #expect(!ModelFit(count: 1, regression: nil).isUsable)
        let weak = try model("1 1;3 2;2 3;5 4;1 5;6 6;2 7;7 8;3 9;8 10")
        #expect(ModelFit(count: 10, regression: weak).faults { _ in "x" }.contains { $0.hasPrefix("R² is 0.3") })
    }
}
