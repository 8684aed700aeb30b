import Metering

/// Puts together an indicator's value, coverage, status and flags from the sums over its window (Rules 5, 6 and 8).
struct ValueAssembly {
    private let window: Window
    /// The length of the window, or of the days in it that count, in milliseconds.
    private let length: Int64
    private let definition: IndicatorDefinition
    private let formula: Expression<Aggregate>
    private var gate: ConditionAccumulator?
    private var points: [PointIndex: (total: PointAccumulator, heldAtStart: Double?)] = [:]
    private var conditions: [Condition<PointIndex>: ConditionAccumulator] = [:]
    private var sources: [Int: ValueSeries.Excerpt] = [:]
    var flags: IndicatorFlags = []
    private var coverage = 1.0
    private var isShort = false
    private var isForeign = false
    /// An indicator that it is computed from has no window inside that was not idle.
    private var isWithoutWindows = false

    init(window: Window, length: Int64, definition: IndicatorDefinition, formula: Expression<Aggregate>) {
        self.window = window
        self.length = length
        self.definition = definition
        self.formula = formula
    }

    /// What coverage is a share of: the window, or the time its condition held.
    private var base: Int64 { gate?.held ?? length }

    /// The indicator's `while`; before everything else.
    mutating func take(gate: ConditionAccumulator) {
        var gate = gate
        // Between the days that count it is known to be closed, and that says nothing.
        gate.known -= window.length - length
        self.gate = gate
        if gate.isUncertain { flags.insert(.uncertain) }
        demand(gate.known, of: length)
        if definition.minCoverage == nil, gate.known == 0, definition.minCount != nil || definition.maxMissing != nil {
            isShort = true
        }
    }

    /// A point of the formula.
    ///
    /// `watched` is what of it makes the value uncertain.
    mutating func take(
        _ point: PointIndex, _ total: PointAccumulator, heldAtStart: Double?, watched: UncertainParts
    ) {
        points[point] = (total, heldAtStart)
        flags.formUnion(total.flags)
        if !total.uncertain.isDisjoint(with: watched) { flags.insert(.uncertain) }
        if base > 0 { demand(total.covered, of: base) } else { demand(0, of: 1) }
        if let minCount = definition.minCount, total.count < minCount { isShort = true }
    }

    /// Part of the window has values of another scale: they are not put together.
    mutating func takeBreak() { isShort = true }

    /// A condition of `hours` or `share`.
    mutating func take(_ condition: Condition<PointIndex>, _ total: ConditionAccumulator) {
        conditions[condition] = total
        if total.isUncertain { flags.insert(.uncertain) }
    }

    /// The values of another indicator.
    mutating func take(_ indicator: Int, _ excerpt: ValueSeries.Excerpt) {
        sources[indicator] = excerpt
        if excerpt.isForeign { isForeign = true }
        flags.formUnion(excerpt.flags)
        if excerpt.windows > 0 {
            demand(Int64(excerpt.valid.count), of: Int64(excerpt.windows))
        } else {
            isWithoutWindows = true
        }
        if let minCount = definition.minCount, excerpt.valid.count < minCount { isShort = true }
        if let most = definition.maxMissing, excerpt.windows - excerpt.valid.count > most { isShort = true }
    }

    private mutating func demand(_ part: Int64, of whole: Int64) {
        coverage = min(coverage, Double(part) / Double(whole))
        if let minCoverage = definition.minCoverage, !minCoverage.isReached(by: part, of: whole) { isShort = true }
    }

    /// The value.
    func value(indicator: Int, revision: Int) -> IndicatorValue {
        var result = IndicatorValue(
            indicator: indicator, window: window, value: nil, status: .undefined, coverage: coverage, base: base,
            unknown: gate.map { length - $0.known } ?? 0, flags: flags, revision: revision)
        let hasHeld = gate.map { $0.held > 0 } ?? true
        if isWithoutWindows || !hasHeld { result.coverage = 0 }
        if isWithoutWindows || !hasHeld && gate.map(isKnownWellEnough) ?? false {
            result.flags.insert(.idle)
            return result
        }
        if isForeign {
            result.flags.insert(.definitionChanged)
            return result
        }
        // Zero has no sign: -0 and 0 are one value.
        result.value = formula.value { aggregate($0) }.map { $0 + 0 }
        if isShort {
            result.status = .insufficient
        } else if result.value != nil {
            result.status = .valid
        }
        return result
    }

    private func isKnownWellEnough(_ gate: ConditionAccumulator) -> Bool {
        if let minCoverage = definition.minCoverage { return minCoverage.isReached(by: gate.known, of: length) }
        return gate.known > 0
    }

    private func aggregate(_ aggregate: Aggregate) -> Double? {
        switch aggregate {
        case .point(let function, let point):
            guard let (total, held) = points[point] else { return nil }
            return self.aggregate(function, total, heldAtStart: held)
        case .percentile(let point, let fraction):
            return points[point].flatMap { $0.total.nearestRank(fraction) }
        case .hours(let condition):
            guard let total = conditions[condition], total.known > 0 else { return nil }
            return Double(total.held) / 3_600_000
        case .share(let condition):
            guard let total = conditions[condition], total.known > 0 else { return nil }
            return Double(total.held) / Double(total.known)
        case .values(let function, let source):
            return sources[source].flatMap { self.aggregate(function, $0.valid) }
        }
    }

    private func aggregate(_ function: PointAggregate, _ total: PointAccumulator, heldAtStart: Double?) -> Double? {
        switch function {
        case .mean: total.covered > 0 ? total.sum.value / Double(total.covered) : nil
        case .integral: total.covered > 0 ? total.sum.value / 3_600_000 : nil
        case .min: total.minimum.isFinite ? total.minimum : nil
        case .max: total.maximum.isFinite ? total.maximum : nil
        case .first: total.count > 0 ? total.first : nil
        case .last: total.count > 0 ? total.last : heldAtStart
        case .delta: total.advances > 0 ? total.sum.value : nil
        case .rate: total.advances > 0 && base > 0 ? total.sum.value / (Double(base) / 3_600_000) : nil
        case .stddev: total.standardDeviation
        case .count: Double(total.count)
        case .coverage: base > 0 ? Double(total.covered) / Double(base) : 0
        case .sampleMean: total.count > 0 ? total.sampleSum.value / Double(total.count) : nil
        }
    }

    private func aggregate(_ function: ValueAggregate, _ values: [Double]) -> Double? {
        func sum() -> Double {
            var sum = CancellingSum()
            for value in values { sum.add(value) }
            return sum.value
        }
        switch function {
        case .count: return Double(values.count)
        case .sum: return values.isEmpty ? nil : sum()
        case .mean: return values.isEmpty ? nil : sum() / Double(values.count)
        case .min: return values.min()
        case .max: return values.max()
        case .percentile(let fraction): return PointAccumulator.nearestRank(values, fraction)
        case .highest(let count):
            guard values.count >= count else { return nil }
            var sum = CancellingSum()
            for value in values.sorted(by: >).prefix(count) { sum.add(value) }
            return sum.value / Double(count)
        case .share(let comparison, let number):
            if values.isEmpty { return nil }
            return Double(values.count { comparison.holds($0, number) }) / Double(values.count)
        }
    }
}
