import Foundation

/// The fractional savings uncertainty of ASHRAE Guideline 14 (Rules 12).
package enum SavingsUncertainty {
    /// What the approximation multiplies with, for it leaves the spread of the drivers out.
    package static let factor = 1.26

    /// The uncertainty of the sum over `after` windows as a share of what the model predicts for them; divided by the share
    /// that was saved it is the fractional savings uncertainty. Nil where no more rows are independent than there are
    /// parameters.
    ///
    /// `variation` is CV(RMSE) of a model of `count` rows; `confidence` is two-sided.
    package static func share(
        variation: Double, count: Int, parameters: Int, autocorrelation: Double, after: Int, confidence: Double
    ) -> Double? {
        let n = Double(count)
        let p = Double(parameters)
        let independent = n * (1 - autocorrelation) / (1 + autocorrelation)
        guard independent > p, after > 0 else { return nil }
        let corrected = variation * ((n - p) / (independent - p)).squareRoot()
        let freedom = max(1, (independent - p).rounded())
        let t = Distribution.studentBound(confidence, freedom: freedom)
        return t * factor * corrected * (n / independent * (1 + 2 / independent) / Double(after)).squareRoot()
    }
}
