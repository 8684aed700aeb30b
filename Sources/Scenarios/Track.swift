/// A course given by values at times: held until the next one, or joined by straight lines.
///
/// ```
/// let power = Track([(0, 100), (60_000, 200)], isHeld: false)!
/// power.value(at: 30_000)     // 150
/// power.integral(to: 60_000)  // 9,000,000: 150 for 60 s
/// ```
package struct Track: Sendable, Hashable {
    /// Milliseconds of simulated time, strictly ascending, at least one.
    private let times: [Int64]
    private let values: [Double]
    /// The integral from the first time to each time, in value × milliseconds.
    private let areas: [Double]
    private let isHeld: Bool
    /// Milliseconds after which it begins again; nil: the last value stays.
    private let period: Int64?

    /// A track through those values; nil where there is none, the times do not ascend, or one is not below the period.
    package init?(_ points: [(time: Int64, value: Double)], isHeld: Bool, period: Int64? = nil) {
        guard let first = points.first, first.time >= 0 else { return nil }
        var areas = [0.0]
        for (a, b) in zip(points, points.dropFirst()) {
            guard a.time < b.time else { return nil }
            let height = isHeld ? a.value : (a.value + b.value) / 2
            areas.append(areas[areas.count - 1] + height * Double(b.time - a.time))
        }
        if let period, let last = points.last, last.time > period { return nil }
        times = points.map(\.time)
        values = points.map(\.value)
        self.areas = areas
        self.isHeld = isHeld
        self.period = period
    }

    /// The value at that time.
    package func value(at time: Int64) -> Double {
        let (_, time) = folded(time)
        guard let index = segment(time) else { return values[0] }
        return value(at: time, in: index)
    }

    /// The integral from zero to that time, in value × milliseconds.
    package func integral(to time: Int64) -> Double {
        let (rounds, rest) = folded(time)
        guard let period, rounds != 0 else { return area(to: rest) }
        return Double(rounds) * area(to: period) + area(to: rest)
    }

    private func folded(_ time: Int64) -> (rounds: Int64, rest: Int64) {
        guard let period else { return (0, time) }
        let rest = (time % period + period) % period
        return ((time - rest) / period, rest)
    }

    private func area(to time: Int64) -> Double {
        let lead = values[0] * Double(min(time, times[0]))
        guard let index = segment(time) else { return lead }
        let within = Double(time - times[index])
        let height = isHeld ? values[index] : (values[index] + value(at: time, in: index)) / 2
        return lead + areas[index] + height * within
    }

    private func value(at time: Int64, in index: Int) -> Double {
        guard !isHeld, index + 1 < times.count else { return values[index] }
        let share = Double(time - times[index]) / Double(times[index + 1] - times[index])
        return values[index] + (values[index + 1] - values[index]) * share
    }

    /// The last time that is not later; nil before the first.
    private func segment(_ time: Int64) -> Int? {
        var low = 0
        var high = times.count
        while high > low {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
