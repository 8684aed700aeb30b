import Conformity
import Indicators
import Metering
import Storage

/// What every authority's form asks of one limit: operation, valid averages, exceedances and lost time with their causes.
struct FormFigures {
    /// A stretch with its cause, where anybody has said one.
    struct Stretch {
        var window: Window
        var value: Double?
        var cause: LifecycleStep.Category?
        /// The cause as forms count it, where it was given.
        var code: CauseCode?
        /// The nonconformity that holds it.
        var id: String?
        /// What was done about it.
        var correction: String?
    }

    let objective: ObjectiveResult
    let limit: Double
    /// Whether no value may lie above the limit, where the objective has several.
    let isHighest: Bool
    let indicator: IndicatorResult
    /// Windows in operation, in milliseconds and in number; idle ones are left out.
    private(set) var operating: Int64 = 0
    private(set) var operatingCount = 0
    /// The valid values of windows in operation, with the ends of their windows.
    private(set) var values: [(end: Instant, value: Double)] = []
    private(set) var exceedances: [Stretch] = []
    private(set) var lost: [Stretch] = []

    /// The figures of each upper limit of an objective on an indicator that is no sum of others: one, or each tier's.
    static func all(_ figures: ReportFigures) throws -> [FormFigures] {
        try figures.objectives.flatMap { objective -> [FormFigures] in
            guard let indicator = figures.indicators.first(where: { $0.name == objective.indicator }) else { return [] }
            let limits = (objective.definition?.requirement).map(upperLimits) ?? []
            return try limits.map { limit in
                try FormFigures(objective, limit, isHighest: limit == limits.max(), indicator, figures)
            }
        }
    }

    private static func upperLimits(of requirement: Requirement) -> [Double] {
        switch requirement {
        case .limits(let limits): [limits.max].compactMap { $0 }.filter { $0 > 0 }
        case .percentile(let percentile): percentile.tiers.map(\.max).filter { $0 > 0 }
        default: []
        }
    }

    private init(
        _ objective: ObjectiveResult, _ limit: Double, isHighest: Bool, _ indicator: IndicatorResult,
        _ figures: ReportFigures
    ) throws {
        (self.objective, self.limit, self.isHighest, self.indicator) = (objective, limit, isHighest, indicator)
        let episodes = figures.nonconformities.filter { $0.found.objectiveName == objective.name }
        // What was lost is also what a demand for data on the same indicator raised, or a person.
        let duties = figures.objectives.filter {
            $0.indicator == objective.indicator && $0.definition?.requirement.demand.isDutyToMeasure == true
        }.map(\.name)
        let outages =
            episodes.filter { $0.found.kind != .breach }
            + figures.nonconformities.filter { duties.contains($0.found.objectiveName) }
        let decimals = objective.definition?.decimals
        try figures.reader.values(indicator.index, in: figures.period.stretch) { value in
            guard !value.flags.contains(.idle) else { return }
            operating += value.window.length
            operatingCount += 1
            guard value.status == .valid, let number = value.value else {
                return lost.append(Self.stretch(value.window, nil, outages))
            }
            values.append((value.window.end, number))
            if LimitComparison(decimals: decimals).isAbove(number, limit) {
                exceedances.append(Self.stretch(value.window, number, episodes))
            }
        }
    }

    private static func stretch(_ window: Window, _ value: Double?, _ episodes: [NonconformityResult]) -> Stretch {
        let own = episodes.first { episode in
            let end = episode.found.clearedAt ?? episode.found.withdrawnAt ?? .distantFuture
            return window.overlaps(Window(start: episode.found.onset, end: max(episode.found.onset + 1, end)))
        }
        let cause = own?.life.steps.last { $0.kind == .cause }
        let done = own?.life.steps.last { $0.kind == .done }?.text ?? own?.life.actions.first?.text
        return Stretch(
            window: window, value: value, cause: cause?.category, code: cause?.code, id: own?.found.id, correction: done
        )
    }

    static func length(_ stretches: [Stretch]) -> Int64 { stretches.reduce(0) { $0 + $1.window.length } }

    /// Stretches that follow each other without a pause and have the same cause, as one.
    static func joined(_ stretches: [Stretch]) -> [Stretch] {
        var found: [Stretch] = []
        for stretch in stretches {
            if let last = found.last, last.window.end == stretch.window.start, last.id == stretch.id {
                found[found.count - 1].window.end = stretch.window.end
                if let value = stretch.value { found[found.count - 1].value = max(last.value ?? value, value) }
            } else {
                found.append(stretch)
            }
        }
        return found
    }
}
