import Indicators

/// The baseline model of an objective's indicator, and what drove one window (Rules 12).
package struct ModelledWindow: Sendable, Hashable {
    /// The model, which may be used.
    package var regression: LinearRegression
    /// The values of its drivers over the window, in their order.
    package var drivers: [Double]
    /// Whether windows are so short that residuals follow each other: shorter than a week.
    package var isShort: Bool

    /// A model and the drivers of a window.
    package init(regression: LinearRegression, drivers: [Double], isShort: Bool) {
        (self.regression, self.drivers, self.isShort) = (regression, drivers, isShort)
    }

    /// The standard error of one window; nil where too few windows are independent.
    var standardError: Double? {
        isShort ? regression.standardErrorOfIndependent : regression.standardError
    }

    /// What is expected of so many windows together; nil where the sums are of other drivers.
    func expected(over count: Int, driverSums: [Double]) -> Double? {
        guard driverSums.count == regression.drivers.count else { return nil }
        var sum = Double(count) * regression.intercept.coefficient
        for (term, driver) in zip(regression.drivers, driverSums) { sum += term.coefficient * driver }
        return sum
    }

    /// The uncertainty of the savings of so many windows together, in the indicator's unit; nil where there is none to be had.
    package func uncertainty(over count: Int, driverSums: [Double], confidence: Double) -> Double? {
        guard isShort, regression.autocorrelation > 0 else {
            return regression.uncertainty(ofSumOver: count, driverSums: driverSums, confidence: confidence)
        }
        guard let share = regression.uncertainShare(over: count, confidence: confidence),
            let expected = expected(over: count, driverSums: driverSums)
        else { return nil }
        return share * abs(expected)
    }
}
