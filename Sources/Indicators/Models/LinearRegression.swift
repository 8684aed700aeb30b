import Foundation

/// A straight-line model y = intercept + Σ coefficient × driver by ordinary least squares, with the tests that tell whether it may be used.
///
/// Drivers are centred and scaled, and the triangle is made by Householder reflections: certified reference data of
/// nearly dependent drivers come out with ten correct digits.
package struct LinearRegression: Sendable, Hashable {
    /// One coefficient of the model.
    package struct Term: Sendable, Hashable {
        package var coefficient: Double
        package var standardError: Double
        /// Coefficient ÷ standard error; infinite where every point lies on the line.
        package var t: Double
        /// Two-sided: how likely such a t is where the term has no effect.
        package var p: Double
    }

    /// What was seen of one driver.
    package struct Span: Sendable, Hashable {
        package var least: Double
        package var greatest: Double
        package var mean: Double
        /// Sample standard deviation.
        package var deviation: Double
    }

    /// Rows that it was made from.
    package let count: Int
    package let intercept: Term
    /// In the order of the drivers.
    package let drivers: [Term]
    /// By driver, the values that it was made from.
    package let spans: [Span]
    package let rSquared: Double
    package let adjustedRSquared: Double
    /// Of the whole model against its mean; infinite where every point lies on the line.
    package let f: Double
    /// How likely such an F is where no driver has an effect.
    package let fP: Double
    /// Root of the squared residuals ÷ (rows − drivers − 1): the standard error of the estimate.
    package let standardError: Double
    /// What the values were on average.
    package let mean: Double
    /// Correlation of each residual with the one before it (Rules 12); 0 where there are no residuals.
    package let autocorrelation: Double
    /// Sum of the squared residuals.
    let unexplained: Double
    /// Coefficients, the intercept and what was chosen beforehand.
    package let parameters: Int
    /// The triangle of the centred drivers, for the error of a sum.
    private let solver: LeastSquares

    /// The model of `values` by `drivers`, each a column as long; nil where there are not at least two rows more than
    /// drivers, or a driver stands still or follows from the others.
    ///
    /// `changePoints` were chosen beforehand by the same rows, and count as parameters.
    package init?(_ values: [Double], drivers columns: [[Double]], changePoints: Int = 0) {
        let n = values.count
        let k = columns.count
        guard k > 0, n > k + 1 + changePoints, columns.allSatisfy({ $0.count == n }) else { return nil }
        let spans = columns.map(Span.init)
        let magnitudes = columns.map { LeastSquares.norm($0[...]) }
        guard var solver = LeastSquares(columns.map(LinearRegression.centred), magnitudes: magnitudes) else {
            return nil
        }
        let centred = LinearRegression.centred(values)
        let slopes = solver.solve(centred)

        let residuals = centred.indices.map { row in
            var rest = CompensatedSum()
            rest.add(centred[row])
            for driver in 0..<k { rest.add(-slopes[driver] * solver.columns[driver][row]) }
            return rest.value
        }
        let unexplained = LinearRegression.squares(residuals)
        // What stands still but for its last digits is explained by nothing.
        let isStill = LeastSquares.norm(centred[...]) <= LeastSquares.leastPart * LeastSquares.norm(values[...])
        let total = isStill ? 0 : LinearRegression.squares(centred)
        let freedom = Double(n - k - 1 - changePoints)
        (self.unexplained, parameters) = (unexplained, k + 1 + changePoints)
        let variance = unexplained / freedom
        mean = LinearRegression.mean(values)
        autocorrelation = unexplained > 0 ? LinearRegression.lagOne(residuals) : 0
        var atZero = CompensatedSum()
        atZero.add(mean)
        for driver in 0..<k { atZero.add(-slopes[driver] * spans[driver].mean) }

        func term(_ coefficient: Double, _ factor: Double) -> Term {
            let error = (variance * factor).squareRoot()
            let t = coefficient / error
            let p = t.isNaN ? 1 : Distribution.studentTwoSided(t, freedom: freedom)
            return Term(coefficient: coefficient, standardError: error, t: t.isNaN ? 0 : t, p: p)
        }
        count = n
        self.solver = solver
        self.spans = spans
        drivers = (0..<k).map { term(slopes[$0], solver.inverseDiagonal($0)) }
        intercept = term(atZero.value, 1 / Double(n) + solver.quadraticForm(spans.map(\.mean)))
        // What is left of a model that fits but for the last digits measures nothing.
        let isExact = LeastSquares.norm(residuals[...]) <= LeastSquares.leastPart * LeastSquares.norm(values[...])
        standardError = isExact ? 0 : variance.squareRoot()
        rSquared = total > 0 ? max(0, 1 - unexplained / total) : 0
        adjustedRSquared = 1 - (1 - rSquared) * Double(n - 1) / freedom
        let explained = max(0, total - unexplained) / Double(k)
        f = total > 0 ? explained / variance : 0
        fP = total > 0 ? Distribution.fisherUpper(f, Double(k), freedom) : 1
    }

    /// What the model says for values of the drivers.
    package func predicted(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        sum.add(intercept.coefficient)
        for (term, value) in zip(drivers, values) { sum.add(term.coefficient * value) }
        return sum.value
    }

    /// Standard error ÷ mean value: CV(RMSE).
    package var variation: Double { standardError / abs(mean) }

    /// How many independent rows the rows are worth: n(1 − ρ)/(1 + ρ), where residuals follow each other.
    package var independentCount: Double {
        autocorrelation > 0 ? Double(count) * (1 - autocorrelation) / (1 + autocorrelation) : Double(count)
    }

    /// The standard error with the freedom of the independent rows alone; nil where they are no more than the parameters.
    package var standardErrorOfIndependent: Double? {
        let freedom = independentCount - Double(parameters)
        guard freedom > 0 else { return nil }
        return standardError * (Double(count - parameters) / freedom).squareRoot()
    }

    /// The uncertainty of the sum of what it predicts for `rows` windows with these sums of their drivers, less what they
    /// will be: exact for ordinary least squares whose residuals are independent, on both sides, with that confidence.
    package func uncertainty(ofSumOver rows: Int, driverSums: [Double], confidence: Double) -> Double {
        let m = Double(rows)
        let distances = zip(driverSums, spans).map { $0 / m - $1.mean }
        let spread = m + m * m * (1 / Double(count) + solver.quadraticForm(distances))
        let t = Distribution.studentBound(confidence, freedom: Double(count - parameters))
        return t * standardError * spread.squareRoot()
    }

    /// The same as a share of what is predicted, where residuals follow each other (ASHRAE Guideline 14): nil where too few
    /// rows are independent.
    package func uncertainShare(over rows: Int, confidence: Double) -> Double? {
        SavingsUncertainty.share(
            variation: variation, count: count, parameters: parameters, autocorrelation: max(0, autocorrelation),
            after: rows, confidence: confidence)
    }

    private static func lagOne(_ residuals: [Double]) -> Double {
        let (before, after) = (Array(residuals.dropLast()), Array(residuals.dropFirst()))
        guard before.count > 1 else { return 0 }
        let (x, y) = (centred(before), centred(after))
        let size = (squares(x) * squares(y)).squareRoot()
        guard size > 0 else { return 0 }
        var products = CompensatedSum()
        for (a, b) in zip(x, y) { products.add(a * b) }
        return products.value / size
    }

    private static func mean(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        return sum.value / Double(values.count)
    }

    private static func squares(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value * value) }
        return sum.value
    }

    private static func centred(_ values: [Double]) -> [Double] {
        let mean = mean(values)
        return values.map { $0 - mean }
    }
}

extension LinearRegression.Span {
    init(_ values: [Double]) {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        let mean = sum.value / Double(values.count)
        var squares = CompensatedSum()
        for value in values { squares.add((value - mean) * (value - mean)) }
        self.init(
            least: values.min() ?? 0, greatest: values.max() ?? 0, mean: mean,
            deviation: (squares.value / Double(values.count - 1)).squareRoot())
    }
}
