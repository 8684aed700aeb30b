/// The last round trips of a meter, for their median and 99th percentile.
package struct RoundTrips: Sendable {
    private static let capacity = 128
    private var microseconds: [UInt32] = []
    private var oldest = 0

    /// None yet.
    package init() {}

    /// Records one, in nanoseconds.
    package mutating func record(_ nanoseconds: Int64) {
        let value = UInt32(clamping: nanoseconds / 1_000)
        if microseconds.count < RoundTrips.capacity {
            microseconds.append(value)
        } else {
            microseconds[oldest] = value
            oldest = (oldest + 1) % RoundTrips.capacity
        }
    }

    /// Median and 99th percentile by nearest rank, in milliseconds; nil where there is none.
    package var figures: (median: Double, slow: Double)? {
        guard !microseconds.isEmpty else { return nil }
        let sorted = microseconds.sorted()
        func rank(_ percent: Int) -> Double {
            let rank = max(1, (percent * sorted.count + 99) / 100)
            return Double(sorted[rank - 1]) / 1_000
        }
        return (rank(50), rank(99))
    }
}
