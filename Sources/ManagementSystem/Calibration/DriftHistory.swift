/// The charts of a point's zero and span over all its readings.
package struct DriftHistory: Sendable {
    /// After one reading.
    package struct Entry: Sendable {
        package var reading: DriftReading
        package var zero: DriftChart.Entry
        package var span: DriftChart.Entry
        /// The weighted means of both, which are shown beside the sums and decide nothing.
        package var means: (zero: Double, span: Double)
        /// When the signal was given that this one follows within ``DriftHistory/trial`` readings; nil: it is none, or the
        /// first.
        package var repeats: Int64?

        /// Whether neither chart gives a signal.
        package var isInOrder: Bool { zero.conclusion == .none && span.conclusion == .none }
    }

    /// How many readings after an adjustment show whether it held: a shift of one standard deviation shows after about six
    /// (computed for the chart of EN 14181).
    package static let trial = 6

    /// In the order of time.
    package private(set) var entries: [Entry] = []

    /// The charts of one point's readings, which are in the order of time; another standard deviation begins them anew.
    package init(_ readings: [DriftReading]) {
        var (zero, span) = (DriftChart(deviation: 0), DriftChart(deviation: 0))
        var means = (zero: WeightedMeanChart(deviation: 0), span: WeightedMeanChart(deviation: 0))
        var deviation: Double?
        for reading in readings {
            if deviation != reading.deviation {
                deviation = reading.deviation
                zero = DriftChart(deviation: reading.deviation)
                span = zero
                means = (
                    WeightedMeanChart(deviation: reading.deviation), WeightedMeanChart(deviation: reading.deviation)
                )
            }
            var entry = Entry(
                reading: reading, zero: zero.take(reading.zero), span: span.take(reading.span),
                means: (means.zero.take(reading.zero).mean, means.span.take(reading.span).mean))
            if !entry.isInOrder {
                entry.repeats = entries.suffix(DriftHistory.trial).last { !$0.isInOrder }?.reading.time
            }
            entries.append(entry)
        }
    }
}
