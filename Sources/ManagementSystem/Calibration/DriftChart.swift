/// The CUSUM chart of an analyser's zero or span (QAL3 of EN 14181): drift either way, and loss of precision.
///
/// After a signal the sums begin anew: the analyser has been adjusted, or is out of order.
///
/// ```
/// var chart = DriftChart(deviation: 0.8)
/// for difference in differences where chart.take(difference).conclusion != .none { adjust() }
/// ```
package struct DriftChart: Sendable {
    /// The factors of the standard deviation; national guides print more digits.
    package struct Factors: Sendable, Hashable {
        /// Decision interval of drift.
        package var drift = 2.85
        /// What each reading may drift.
        package var slack = 0.501
        /// Decision interval of precision, in variances.
        package var precision = 6.90
        /// What each pair of readings may vary, in variances.
        package var scatter = 1.85

        /// The factors of the standard.
        package init() {}
    }

    /// What a reading says.
    package enum Conclusion: Sendable, Hashable {
        case none
        /// The analyser scatters more than it may: drift is not tested.
        case precision
        /// It drifted; the standard's figure for the adjustment, which has the sign of the drift.
        case drift(adjustment: Double)
    }

    /// The chart after a reading.
    package struct Entry: Sendable, Hashable {
        /// Reading less reference.
        package var difference: Double
        package var precision: Double
        package var up: Double
        package var down: Double
        /// How many readings the greater sum has grown for.
        package var count: Int
        package var conclusion: Conclusion
    }

    private let deviation: Double
    private let factors: Factors
    private var last = 0.0
    private var precision = 0.0
    private var up = (sum: 0.0, count: 0)
    private var down = (sum: 0.0, count: 0)

    /// A chart for an analyser with that standard deviation.
    package init(deviation: Double, factors: Factors = Factors()) {
        (self.deviation, self.factors) = (deviation, factors)
    }

    /// Takes the next difference of a reading from its reference.
    package mutating func take(_ difference: Double) -> Entry {
        let s = deviation
        let step = difference - last
        precision = max(0, precision + step * step / 2 - factors.scatter * s * s)
        last = difference
        func grown(_ before: (sum: Double, count: Int), _ part: Double) -> (sum: Double, count: Int) {
            let sum = max(0, before.sum + part - factors.slack * s)
            return (sum, sum > 0 ? before.count + 1 : 0)
        }
        up = grown(up, difference)
        down = grown(down, -difference)
        let most = up.sum >= down.sum ? up : down
        var entry = Entry(
            difference: difference, precision: precision, up: up.sum, down: down.sum, count: most.count,
            conclusion: .none)
        if precision > factors.precision * s * s {
            entry.conclusion = .precision
        } else if most.sum > factors.drift * s {
            let size = 0.7 * (factors.slack * s + most.sum / Double(most.count))
            entry.conclusion = .drift(adjustment: up.sum >= down.sum ? size : -size)
        }
        if entry.conclusion != .none { restart() }
        return entry
    }

    private mutating func restart() {
        (last, precision, up, down) = (0, 0, (0, 0), (0, 0))
    }
}

extension DriftChart.Conclusion {
    /// In words.
    package var words: String {
        switch self {
        case .none: "in order"
        case .precision: "loss of precision: the analyser scatters too much"
        case .drift(let adjustment):
            "drift \(adjustment > 0 ? "upwards" : "downwards"), adjustment \((adjustment * 1e6).rounded() / 1e6)"
        }
    }
}
