import Metering

/// The aggregates of one point over a window (Rules 5).
package enum PointAggregate: String, Sendable, Hashable, CaseIterable {
    case mean
    case min
    case max
    case first
    case last
    case integral
    case delta
    case rate
    case stddev
    case count
    case coverage
    case sampleMean = "sample_mean"

    /// The kinds of points it takes.
    package var kinds: Set<PointKind> {
        switch self {
        case .mean, .min, .max, .integral, .stddev, .sampleMean: [.gauge]
        case .delta, .rate: [.counter]
        case .first, .last, .count, .coverage: [.gauge, .counter, .state]
        }
    }
}

/// The aggregates of another indicator's values inside a longer window (Rules 5).
package enum ValueAggregate: Sendable, Hashable {
    case sum
    case mean
    case min
    case max
    case count
    /// Nearest rank; the fraction is q / 100.
    case percentile(ExactFraction)
    /// The mean of so many highest values.
    case highest(Int)
    /// The share of values for which the comparison with a number holds.
    case share(Comparison, Double)
}

/// What a formula of an indicator is made of, besides numbers and arithmetic.
package enum Aggregate: Sendable, Hashable {
    case point(PointAggregate, PointIndex)
    /// Nearest rank over the usable readings; the fraction is q / 100.
    case percentile(PointIndex, ExactFraction)
    /// Covered hours in which the condition holds.
    case hours(Condition<PointIndex>)
    /// Time the condition holds by time it is known.
    case share(Condition<PointIndex>)
    /// Over the valid values of another indicator, by its index in the plan.
    case values(ValueAggregate, Int)

    /// The points it is computed from directly.
    package var points: [PointIndex] {
        switch self {
        case .point(_, let point), .percentile(let point, _): [point]
        case .hours(let condition), .share(let condition): condition.leaves
        case .values: []
        }
    }

    /// The indicator whose values it is computed from; nil where it is computed from points.
    var indicator: Int? { if case .values(_, let index) = self { index } else { nil } }

    /// The condition of `hours` and `share`.
    var condition: Condition<PointIndex>? {
        switch self {
        case .hours(let condition), .share(let condition): condition
        default: nil
        }
    }
}
