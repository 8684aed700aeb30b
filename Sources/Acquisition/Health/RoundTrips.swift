/// The last round trips of a meter, for their median and 99th percentile.
package struct RoundTrips: Sendable {
    private static let capacity = 128
    private var microseconds: [UInt32] = []
    private var oldest = 0
    /// How many there were since the start, by how long they took.
    package private(set) var histogram = Histogram()

    /// Counts by upper bounds, and their sum.
    package struct Histogram: Sendable, Hashable {
        /// In microseconds; what is longer is in none of them.
        package static let bounds: [UInt32] = [
            1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000,
        ]
        /// By bound, those within it and above the one before; the last one of longer ones.
        package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
        /// In seconds.
        package private(set) var sum = 0.0

        /// Nothing counted.
        package init() {}

        mutating func count(_ microseconds: UInt32) {
            counts[Histogram.bounds.firstIndex { microseconds <= $0 } ?? Histogram.bounds.count] += 1
            sum += Double(microseconds) / 1_000_000
        }
    }

    /// None yet.
    package init() {}

    /// Records one, in nanoseconds.
    package mutating func record(_ nanoseconds: Int64) {
        let value = UInt32(clamping: nanoseconds / 1_000)
        histogram.count(value)
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
