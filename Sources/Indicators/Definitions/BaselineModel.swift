import Metering

/// What an indicator with a `model:` is computed from: another indicator, explained by drivers over a period (Rules 12).
package struct BaselineModel: Sendable, Hashable {
    /// What the indicator shows.
    package enum Result: String, Sendable, Hashable, CaseIterable {
        /// What the model expects with the drivers of the window.
        case predicted
        /// Predicted less actual.
        case savings
        /// The running sum of the savings since the baseline period ended.
        case cusum
    }

    /// Which values of a driver the model may be asked about.
    package enum Range: String, Sendable, Hashable, CaseIterable {
        /// From the least to the greatest of the baseline period.
        case observed
        /// Within three standard deviations of its mean.
        case deviations = "3sd"
    }

    /// The index of the indicator that is explained.
    package var subject: Int
    /// The indexes of the indicators that explain it.
    package var drivers: [Int]
    /// The model is made from the windows wholly inside; later ones are compared with it.
    package var baseline: Window
    package var result: Result
    package var range: Range

    /// A model.
    package init(subject: Int, drivers: [Int], baseline: Window, result: Result, range: Range = .observed) {
        self.subject = subject
        self.drivers = drivers
        self.baseline = baseline
        self.result = result
        self.range = range
    }

    /// The indicators it is computed from, each once.
    package var indicators: [Int] { [subject] + drivers.filter { $0 != subject } }

    /// Whether a value depends on all those before it.
    package var isRunning: Bool { result == .cusum }
}

/// A baseline model after its period: the regression, and what stands against using it.
package struct ModelFit: Sendable, Hashable {
    /// Windows in which all its indicators were valid.
    package var count: Int
    /// Nil where there are too few windows, or the drivers cannot be told apart.
    package var regression: LinearRegression?
    /// What stands against it, a sentence each; `driver` gives a driver's name.
    package func faults(driver: (Int) -> String) -> [String] {
        guard let regression else {
            return [
                "\(count) valid windows are too few for its drivers, or a driver stands still or follows from others"
            ]
        }
        var faults: [String] = []
        if !(regression.fP < ModelFit.greatestFP) {
            faults.append("the F test has p \(regression.fP), which is not below \(ModelFit.greatestFP)")
        }
        for (index, term) in regression.drivers.enumerated() where !(term.p < ModelFit.greatestDriverP) {
            faults.append("driver '\(driver(index))' has p \(term.p), which is not below \(ModelFit.greatestDriverP)")
        }
        if !(regression.rSquared >= ModelFit.leastRSquared) {
            faults.append("R² is \(regression.rSquared), below \(ModelFit.leastRSquared)")
        }
        return faults
    }

    /// Whether values are computed with it.
    package var isUsable: Bool { faults { "\($0)" }.isEmpty }

    /// Practice of energy baselines (ISO 50006): the F test's p is below this.
    package static let greatestFP = 0.10
    /// The p of each driver is below this.
    package static let greatestDriverP = 0.20
    /// R² is at least this.
    package static let leastRSquared = 0.5
}
