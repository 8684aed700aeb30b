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

    /// The model of `values` by `drivers`, each a column as long; nil where there are not at least two rows more than
    /// drivers, or a driver stands still or follows from the others.
    package init?(_ values: [Double], drivers columns: [[Double]]) {
        let n = values.count
        let k = columns.count
        guard k > 0, n > k + 1, columns.allSatisfy({ $0.count == n }) else { return nil }
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
        let freedom = Double(n - k - 1)
        let variance = unexplained / freedom
        let mean = LinearRegression.mean(values)
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
        self.spans = spans
        drivers = (0..<k).map { term(slopes[$0], solver.inverseDiagonal($0)) }
        intercept = term(atZero.value, 1 / Double(n) + solver.quadraticForm(spans.map(\.mean)))
        standardError = variance.squareRoot()
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
    fileprivate init(_ values: [Double]) {
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
