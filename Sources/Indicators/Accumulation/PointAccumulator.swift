import Metering

/// What a lane has to keep of its point beyond the sums that cost nothing.
struct AccumulatorNeeds: OptionSet {
    var rawValue: UInt8
    /// Mean and squared deviations of the readings.
    static let deviations = AccumulatorNeeds(rawValue: 1)
    /// Every reading's value.
    static let samples = AccumulatorNeeds(rawValue: 2)
}

/// What was uncertain of what an accumulator took; which of it was used depends on the aggregates (Rules 8).
struct UncertainParts: OptionSet {
    var rawValue: UInt8
    /// A reading that was held.
    static let held = UncertainParts(rawValue: 1)
    /// A reading in the window.
    static let readings = UncertainParts(rawValue: 2)
    /// A reading at either end of an advance.
    static let advances = UncertainParts(rawValue: 4)
    /// What `last` falls back to: the reading held at the start of a window without one.
    static let atStart = UncertainParts(rawValue: 8)
}

/// Everything the aggregates of one point need of one pane of time; panes of a window are merged in order (Rules 5).
struct PointAccumulator: PaneSum {
    /// Milliseconds held by a usable reading, or advanced over without estimation.
    var covered: Int64 = 0
    /// Gauges: value × milliseconds. Counters: advances.
    var sum = CancellingSum()
    var advances = 0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    /// Usable readings.
    var count = 0
    var first = 0.0
    var last = 0.0
    var sampleSum = CancellingSum()
    private var deviationMean = 0.0
    private var deviations = 0.0
    /// Of this pane alone: merging leaves them out.
    var samples: [Double] = []
    /// In place of the samples, for long windows.
    var ranked: SortedValues?
    var flags: IndicatorFlags = []
    var uncertain: UncertainParts = []
    /// What is held at the first instant that counts, from a reading before it.
    var heldAtStart = StartValue.notReached

    /// The signal stood at `value` for that long.
    @inline(__always)
    mutating func hold(_ value: Double, milliseconds: Int64, isUncertain: Bool) {
        covered += milliseconds
        sum.add(value * Double(milliseconds))
        if value < minimum { minimum = value }
        if value > maximum { maximum = value }
        if isUncertain { uncertain.insert(.held) }
    }

    /// A usable reading fell into the pane.
    @inline(__always)
    mutating func sample(_ value: Double, isUncertain: Bool, needs: AccumulatorNeeds) {
        if count == 0 { first = value }
        last = value
        count += 1
        sampleSum.add(value)
        if isUncertain { uncertain.insert(.readings) }
        if needs.contains(.deviations) {
            let delta = value - deviationMean
            deviationMean += delta / Double(count)
            deviations += delta * (value - deviationMean)
        }
        if needs.contains(.samples) { samples.append(value) }
    }

    /// A part of an advance fell into the pane.
    mutating func advance(_ amount: Double, covered milliseconds: Int64, of advance: Advance) {
        sum.add(amount)
        advances += 1
        if advance.isEstimated { flags.insert(.estimated) } else { covered += milliseconds }
        if advance.isSuspect { flags.insert(.suspect) }
        if advance.isUncertain { uncertain.insert(.advances) }
    }

    /// Appends the pane that follows, except for its samples.
    mutating func merge(_ next: PointAccumulator) {
        covered += next.covered
        sum.add(next.sum)
        advances += next.advances
        minimum = min(minimum, next.minimum)
        maximum = max(maximum, next.maximum)
        if next.count > 0 {
            if count == 0 { first = next.first }
            last = next.last
            sampleSum.add(next.sampleSum)
            // Chan's pairwise update of the squared deviations.
            let total = Double(count + next.count)
            let delta = next.deviationMean - deviationMean
            deviations += next.deviations + delta * delta * Double(count) * Double(next.count) / total
            deviationMean += delta * Double(next.count) / total
            count += next.count
        }
        if heldAtStart == .notReached { heldAtStart = next.heldAtStart }
        flags.formUnion(next.flags)
        uncertain.formUnion(next.uncertain)
    }

    /// Sample standard deviation of the readings; nil for fewer than two.
    var standardDeviation: Double? { count >= 2 ? (deviations / Double(count - 1)).squareRoot() : nil }

    /// The reading at nearest rank; nil without readings.
    func nearestRank(_ fraction: ExactFraction) -> Double? {
        guard let ranked else { return PointAccumulator.nearestRank(samples, fraction) }
        guard ranked.count > 0 else { return nil }
        return ranked[min(max(1, fraction.roundedHalfUp(of: ranked.count)), ranked.count) - 1]
    }

    /// The value at nearest rank: k = round-half-up(fraction · n), at least 1; nil without readings.
    static func nearestRank(_ values: [Double], _ fraction: ExactFraction) -> Double? {
        guard !values.isEmpty else { return nil }
        let rank = max(1, fraction.roundedHalfUp(of: values.count))
        return values.sorted()[min(rank, values.count) - 1]
    }
}

/// What a pane shows at the first instant that counts.
enum StartValue: Equatable {
    case notReached
    /// Nothing, at that instant.
    case unheld(at: Int64)
    case held(Double, isUncertain: Bool)
}

/// What a condition gave over one pane of time.
struct ConditionAccumulator: PaneSum {
    /// Milliseconds in which it was known.
    var known: Int64 = 0
    /// Milliseconds in which it held.
    var held: Int64 = 0
    var isUncertain = false

    mutating func merge(_ next: ConditionAccumulator) {
        known += next.known
        held += next.held
        isUncertain = isUncertain || next.isUncertain
    }
}
