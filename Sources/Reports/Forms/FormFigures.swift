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
        /// The nonconformity that holds it.
        var id: String?
        /// What was done about it.
        var correction: String?
    }

    let objective: ObjectiveResult
    let limit: Double
    let indicator: IndicatorResult
    /// Windows in operation, in milliseconds and in number; idle ones are left out.
    private(set) var operating: Int64 = 0
    private(set) var operatingCount = 0
    /// The valid values of windows in operation, with the ends of their windows.
    private(set) var values: [(end: Instant, value: Double)] = []
    private(set) var exceedances: [Stretch] = []
    private(set) var lost: [Stretch] = []

    /// The figures of each objective with an upper limit on an indicator that is no sum of others.
    static func all(_ figures: ReportFigures) throws -> [FormFigures] {
        try figures.objectives.compactMap { objective in
            guard case .limits(let limits)? = objective.definition?.requirement, let limit = limits.max, limit > 0,
                let indicator = figures.indicators.first(where: { $0.name == objective.indicator })
            else { return nil }
            return try FormFigures(objective, limit, indicator, figures)
        }
    }

    private init(_ objective: ObjectiveResult, _ limit: Double, _ indicator: IndicatorResult, _ figures: ReportFigures)
        throws
    {
        (self.objective, self.limit, self.indicator) = (objective, limit, indicator)
        let episodes = figures.nonconformities.filter { $0.found.objectiveName == objective.name }
        let decimals = objective.definition?.decimals
        try figures.reader.values(indicator.index, in: figures.period.stretch) { value in
            guard !value.flags.contains(.idle) else { return }
            operating += value.window.length
            operatingCount += 1
            guard value.status == .valid, let number = value.value else {
                return lost.append(Self.stretch(value.window, nil, episodes.filter { $0.found.kind == .data }))
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
        return Stretch(window: window, value: value, cause: cause?.category, id: own?.found.id, correction: done)
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
