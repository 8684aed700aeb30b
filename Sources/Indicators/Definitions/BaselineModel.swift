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

    /// How the one driver of a model by temperature bears on it.
    package enum Shape: String, Sendable, Hashable, CaseIterable {
        /// Straight lines.
        case linear
        /// Three parameters: heating below a change point.
        case heating = "3p_heating"
        /// Three parameters: cooling above a change point.
        case cooling = "3p_cooling"
        /// Four parameters: another slope on either side of one change point.
        case bend = "4p"
        /// Five parameters: heating below one change point, cooling above another.
        case both = "5p"
    }

    /// The index of the indicator that is explained.
    package var subject: Int
    /// The indexes of the indicators that explain it.
    package var drivers: [Int]
    /// The model is made from the windows wholly inside; later ones are compared with it.
    package var baseline: Window
    package var result: Result
    package var range: Range
    package var shape = Shape.linear
    /// CV(RMSE) above which the model may not be used; nil: any.
    package var greatestVariation: ExactFraction?

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
    /// Where it bends; nil: straight lines.
    package var points: ChangePoints?
    /// By driver, the values that it was made from.
    package var spans: [LinearRegression.Span] = []
    /// CV(RMSE) above which it may not be used; nil: any.
    package var greatestVariation: ExactFraction?

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
            faults.append(
                "driver '\(termName(index, driver))' has p \(term.p), which is not below \(ModelFit.greatestDriverP)")
        }
        if !(regression.rSquared >= ModelFit.leastRSquared) {
            faults.append("R² is \(regression.rSquared), below \(ModelFit.leastRSquared)")
        }
        if let greatestVariation, !(regression.variation <= greatestVariation.value) {
            faults.append("CV(RMSE) is \(regression.variation), above \(greatestVariation.value)")
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

extension ModelFit {
    /// What the regression is of, for values of the drivers.
    package func terms(_ drivers: [Double]) -> [Double] { points?.columns(drivers[0]) ?? drivers }

    /// The names of the regression's terms.
    package func termNames(_ drivers: [String]) -> [String] {
        (regression?.drivers ?? []).indices.map { termName($0) { drivers[$0] } }
    }

    private func termName(_ index: Int, _ driver: (Int) -> String) -> String {
        guard let points else { return driver(index) }
        if index == 0, let heating = points.heating { return "\(driver(0)) below \(heating)" }
        return "\(driver(0)) above \(points.cooling ?? 0)"
    }

    /// A fit to windows of the model's period, each with the value that is explained and those of the drivers: what is not
    /// valid in all of them is left out.
    package init(rows: [[IndicatorValue?]], of model: BaselineModel) {
        var values: [Double] = []
        var columns = [[Double]](repeating: [], count: model.drivers.count)
        for row in rows {
            let numbers = row.compactMap { found in found?.status == .valid ? found?.value : nil }
            guard numbers.count == row.count, row.count == columns.count + 1 else { continue }
            values.append(numbers[0])
            for driver in columns.indices { columns[driver].append(numbers[driver + 1]) }
        }
        count = values.count
        spans = columns.map(LinearRegression.Span.init)
        if model.shape == .linear {
            regression = LinearRegression(values, drivers: columns)
        } else if let found = ChangePoints.fitted(values, temperatures: columns[0], model.shape) {
            (regression, points) = (found.regression, found.points)
        }
        greatestVariation = model.greatestVariation
    }
}
