import Conformity
import Indicators
import Metering
import PlantConfiguration
import Recording
import Storage

/// How an objective did in a stretch.
struct ObjectiveResult {
    var name: String
    var title: String
    var unit: String?
    var indicator: String
    var definition: ObjectiveDefinition?
    /// Windows by verdict.
    var counts: [Verdict: Int] = [:]
    /// The same in the period before.
    var before: [Verdict: Int] = [:]
    /// The newest judged value and its limit.
    var last: JudgedWindow?
    /// The value farthest on the bad side, as a share of the limit.
    var worst: (value: Double, limit: Double, end: Instant)?
    /// How many of its windows rest on readings that a failed check puts in doubt.
    var suspect = 0
    /// The worst verdict of each local day.
    var days: [CivilDate: Verdict] = [:]

    var windows: Int { counts.values.reduce(0, +) }
    var evaluable: Int { windows - (counts[.notEvaluable] ?? 0) }

    /// The share of evaluable windows that were not met; nil where none was evaluable.
    static func shareNotMet(_ counts: [Verdict: Int]) -> Double? {
        let evaluable = counts.values.reduce(0, +) - (counts[.notEvaluable] ?? 0)
        return evaluable > 0 ? Double(counts[.notMet] ?? 0) / Double(evaluable) : nil
    }
}

/// What the values of an indicator were in one stretch.
struct IndicatorSums {
    var windows = 0
    var valid = 0
    var idle = 0
    var sum = 0.0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    var coverage = 0.0

    var mean: Double? { valid > 0 ? sum / Double(valid) : nil }
    var meanCoverage: Double? { windows > idle ? coverage / Double(windows - idle) : nil }

    mutating func add(_ value: IndicatorValue) {
        windows += 1
        if value.flags.contains(.idle) {
            idle += 1
            return
        }
        coverage += value.coverage
        guard value.status == .valid, let number = value.value else { return }
        valid += 1
        sum += number
        minimum = min(minimum, number)
        maximum = max(maximum, number)
    }
}

/// What an area of the environment is: by the unit of its indicators.
enum Area: String, CaseIterable {
    case energy = "Energy"
    case water = "Water"
    case emissions = "Emissions"
    case other = "Other"

    init(unit: String?) {
        let unit = (unit ?? "").lowercased()
        let first = unit.split(separator: "/").first.map(String.init) ?? ""
        switch first {
        case "wh", "kwh", "mwh", "gwh", "j", "kj", "mj", "gj", "tj", "w", "kw", "mw", "va", "kva", "kvar":
            self = .energy
        case "m3", "m³", "l", "hl": self = .water
        case "mg", "g", "kg", "t", "ug", "µg", "ppm", "tco2e", "kgco2e": self = .emissions
        default: self = .other
        }
    }
}

/// How an indicator did, beside the period before and the same period a year before.
struct IndicatorResult {
    var index: Int
    var name: String
    var title: String
    var unit: String?
    var definition: IndicatorDefinition?
    var now = IndicatorSums()
    var before = IndicatorSums()
    var yearBefore = IndicatorSums()

    var area: Area { Area(unit: unit) }

    /// Whether its values add up over time (``Amounts``).
    var isAmount = false

    /// The amount, or the mean of a level; nil where nothing is valid.
    func figure(_ sums: IndicatorSums) -> Double? { sums.valid == 0 ? nil : isAmount ? sums.sum : sums.mean }
}

/// A nonconformity with its life and its actions.
struct NonconformityResult {
    var found: Nonconformity
    var life: NonconformityLifecycle
    var title: String
    /// How much of it lies in the period, in milliseconds.
    var duration: Int64
}

/// What was read of a measured point.
struct PointResult {
    var name: String
    var count: Int
    var usable: Int
}
