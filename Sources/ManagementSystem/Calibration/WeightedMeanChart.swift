/// An exponentially weighted mean of differences, beside the CUSUM (ISO 7870-6): λ 0.2, three standard deviations.
package struct WeightedMeanChart: Sendable {
    private let deviation: Double
    private let weight: Double
    private let width: Double
    private var mean = 0.0
    private var count = 0

    /// A chart for an analyser with that standard deviation.
    package init(deviation: Double, weight: Double = 0.2, width: Double = 3) {
        (self.deviation, self.weight, self.width) = (deviation, weight, width)
    }

    /// Takes the next difference; returns the mean, and whether it is beyond its limit.
    package mutating func take(_ difference: Double) -> (mean: Double, isOver: Bool) {
        mean = weight * difference + (1 - weight) * mean
        count += 1
        var rest = 1.0
        for _ in 0..<(2 * count) { rest *= 1 - weight }
        return (mean, abs(mean) > width * deviation * (weight / (2 - weight) * (1 - rest)).squareRoot())
    }
}
