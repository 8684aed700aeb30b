import Indicators

/// The calibration function of an analyser, ŷ = a + b · x, from pairs with the reference method (QAL2 of EN 14181).
package struct CalibrationFunction: Sendable, Hashable {
    /// How it was found.
    package enum Method: String, Sendable, Hashable {
        /// Straight line through pairs that spread widely.
        case a = "A"
        /// Line through the reading at zero, for pairs that lie close together.
        case b = "B"
    }

    /// A reading of the analyser with what the reference method found.
    package struct Pair: Sendable, Hashable {
        package var reading: Double
        package var reference: Double

        /// A pair.
        package init(reading: Double, reference: Double) { (self.reading, self.reference) = (reading, reference) }
    }

    /// What the uncertainty is held against: the permitted 95 % interval as a share of the daily limit.
    package struct Demand: Sendable, Hashable {
        /// The daily limit, in the unit of the values.
        package var limit: Double
        /// `0.2` for 20 %.
        package var share: Double

        /// A demand.
        package init(limit: Double, share: Double) { (self.limit, self.share) = (limit, share) }

        /// The standard deviation that is permitted: P · E / 1.96.
        package var deviation: Double { share * limit / 1.96 }
    }

    package let intercept: Double
    package let slope: Double
    package let method: Method
    /// Standard deviation of the differences.
    package let deviation: Double
    /// The greatest that it may be: σ₀ · kv.
    package let greatestDeviation: Double
    /// Values from 0 to this are inside the valid range.
    package let rangeEnd: Double

    /// The function of at least three pairs; nil where they say nothing. `zero` is the reading at zero.
    package init?(_ pairs: [Pair], _ demand: Demand, zero: Double = 0) {
        let n = Double(pairs.count)
        guard pairs.count >= 3 else { return nil }
        let x = pairs.map(\.reading).reduce(0, +) / n
        let y = pairs.map(\.reference).reduce(0, +) / n
        let references = pairs.map(\.reference).sorted()
        if references[pairs.count - 1] - references[0] >= demand.share * demand.limit {
            let across = pairs.map { ($0.reading - x) * ($0.reference - y) }.reduce(0, +)
            let along = pairs.map { ($0.reading - x) * ($0.reading - x) }.reduce(0, +)
            guard along > 0 else { return nil }
            method = .a
            slope = across / along
            intercept = y - slope * x
        } else {
            guard x != zero else { return nil }
            method = .b
            slope = y / (x - zero)
            intercept = -slope * zero
        }
        let (a, b) = (intercept, slope)
        deviation = CalibrationFunction.spread(pairs.map { $0.reference - a - b * $0.reading }).deviation
        greatestDeviation = demand.deviation * CalibrationFunction.factor(of: pairs.count)
        let highest = pairs.map { a + b * $0.reading }.max() ?? 0
        rangeEnd = max(1.1 * highest, 0.2 * demand.limit)
    }

    /// A function that was found before, to be tested: it says nothing of its own scatter or range.
    package init(intercept: Double, slope: Double) {
        (self.intercept, self.slope, method) = (intercept, slope, .a)
        (deviation, greatestDeviation, rangeEnd) = (0, 0, 0)
    }

    /// Whether the test of variability is passed.
    package var isSound: Bool { deviation <= greatestDeviation }

    /// The calibrated value of a reading.
    package func value(_ reading: Double) -> Double { intercept + slope * reading }

    /// kv: √(median of χ² with N − 1 degrees ÷ (N − 1)).
    package static func factor(of count: Int) -> Double {
        let freedom = Double(count - 1)
        return (Distribution.chiSquareMedian(freedom: freedom) / freedom).squareRoot()
    }

    /// Mean and sample standard deviation.
    static func spread(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        return (mean, (squares / Double(values.count - 1)).squareRoot())
    }
}

/// The yearly test of a calibration function (AST of EN 14181): it still holds where both demands are met.
package struct SurveillanceTest: Sendable, Hashable {
    /// Mean of the differences.
    package let mean: Double
    /// Their standard deviation.
    package let deviation: Double
    /// 1.5 · σ₀ · kv.
    package let greatestDeviation: Double
    /// t · s ÷ √N + σ₀, t one-sided at 95 %.
    package let greatestMean: Double

    /// The test of a function with at least two pairs; nil for fewer.
    package init?(
        _ function: CalibrationFunction, _ pairs: [CalibrationFunction.Pair], _ demand: CalibrationFunction.Demand
    ) {
        guard pairs.count >= 2 else { return nil }
        (mean, deviation) = CalibrationFunction.spread(pairs.map { $0.reference - function.value($0.reading) })
        greatestDeviation = 1.5 * demand.deviation * CalibrationFunction.factor(of: pairs.count)
        // Within ±t nine times of ten is below t at 95 %.
        let t = Distribution.studentBound(0.9, freedom: Double(pairs.count - 1))
        greatestMean = t * deviation / Double(pairs.count).squareRoot() + demand.deviation
    }

    /// Whether the function still holds.
    package var isPassed: Bool { deviation <= greatestDeviation && abs(mean) <= greatestMean }
}
