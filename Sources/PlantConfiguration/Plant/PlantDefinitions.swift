import ConfigurationSource
import Conformity
import Indicators
import Metering

/// A formula that holds from a date on, as far as it makes numbers others.
package struct DatedText: Hashable {
    package var from: Instant
    package var text: String
}

/// Fingerprints of a plant's definitions: equal where everything is equal that can change their numbers (Rules 13).
///
/// Of an indicator: formula, window, `while`, demands, grace, unit, zone, and the same of all it is computed from, down to
/// kind, unit, `max_gap`, `max_rate`, `modulus`, `resets` and scale of the points. Of an objective: its demand and its indicator's.
/// Titles and people are not in it, nor what brings a date of its own (`from`, exchanges), which restates from that date
/// on; but what a dated formula is computed from is, where both plants have that formula. Things are known by their new names, so that two plants can be compared over a renaming. They are compared by one
/// program and never stored.
package struct PlantDefinitions {
    /// In plan order.
    package private(set) var points: [String] = []
    /// Of the rules of a counter alone; nil for other points.
    package private(set) var counters: [String?] = []
    /// Of a register's scale alone; nil where there is none.
    package private(set) var scales: [String?]
    /// In plan order.
    package private(set) var indicators: [String]
    /// What makes values of an indicator alike: unit, windows and zone.
    package private(set) var shapes: [String]
    /// The same without the unit, which may change at a date.
    package private(set) var rules: [String] = []
    /// Per indicator, its formulas that hold from a date on, by the new names of what they use.
    package private(set) var dated: [[DatedText]] = []
    /// Per indicator, the formulas of the derived points behind it that hold from a date on.
    package private(set) var datedBehind: [[DatedText]] = []
    /// In the order of the configuration.
    package private(set) var objectives: [String]
    /// What an objective demands, whatever its indicator.
    package private(set) var demands: [String]
    /// Per objective, the shape and the new name of its indicator.
    package private(set) var judgedShapes: [String] = []
    package private(set) var judgedNames: [String] = []
    /// The new names of the things, in the same orders.
    package private(set) var pointNames: [String]
    package private(set) var indicatorNames: [String]
    package private(set) var objectiveNames: [String]

    /// Dated formulas of indicators and derived points, with the new names of these.
    private var datedFormulas: Set<String> = []
    /// Those that another plant has as well.
    private let lasting: Set<String>

    /// The fingerprints of a plant.
    package init(_ plant: Plant, newNames: NewNames = NewNames()) {
        self.init(plant, newNames: newNames, lasting: [])
    }

    /// The fingerprints of two plants that are to be compared; `newNames` are those of the first one's things.
    package static func pair(
        _ old: Plant, newNames: NewNames, _ new: Plant
    ) -> (before: PlantDefinitions, after: PlantDefinitions) {
        let first = PlantDefinitions(old, newNames: newNames)
        let lasting = first.datedFormulas.intersection(PlantDefinitions(new).datedFormulas)
        return (
            PlantDefinitions(old, newNames: newNames, lasting: lasting),
            PlantDefinitions(new, newNames: NewNames(), lasting: lasting)
        )
    }

    private init(_ plant: Plant, newNames: NewNames, lasting: Set<String>) {
        let plan = plant.plan
        self.lasting = lasting
        pointNames = plan.points.map { newNames.points[$0.name] ?? $0.name }
        indicatorNames = plan.indicators.map { newNames.indicators[$0.name] ?? $0.name }
        objectiveNames = plant.objectives.map { newNames.objectives[$0.name] ?? $0.name }
        scales = Array(repeating: nil, count: plan.points.count)
        for meter in plant.meters {
            for point in meter.points { scales[Int(point.index)] = "\(point.map.scale) \(point.map.offset)" }
        }
        (indicators, shapes, objectives, demands) = ([], [], [], [])
        takePoints(plan)
        takeIndicators(plan)
        takeObjectives(plant)
    }

    /// The ``rules`` alone, which are quickly had.
    package static func rules(of plan: IndicatorPlan) -> [String] {
        let names = plan.indicators.map(\.name)
        return plan.indicators.map { rule(of: $0, plan, names) }
    }

    private static func rule(of definition: IndicatorDefinition, _ plan: IndicatorPlan, _ names: [String]) -> String {
        let counting = definition.counted.map { " \(names[$0.when])" } ?? ""
        return "\(definition.rule)\(counting) \(plan.calendar.identifier)"
    }

    private mutating func takePoints(_ plan: IndicatorPlan) {
        for (index, point) in plan.points.enumerated() {
            var rules = point
            rules.name = pointNames[index]
            (rules.exchanges, rules.counting) = ([], .up)
            let counting = PlantDefinitions.text(point.counting)
            points.append(PlantDefinitions.digest("\(rules) \(counting) \(scales[index] ?? "-")"))
            (rules.unit, rules.maxGap) = (nil, 0)
            counters.append(point.kind == .counter ? PlantDefinitions.digest("\(rules) \(counting)") : nil)
        }
        for derived in plan.derived {
            let formula = derived.formula.map { points[Int($0)] }
            let later = derived.later.filter { later in
                let name = pointNames[Int(derived.point)]
                let key = "point \(name) \(later.from) \(later.formula.map { pointNames[Int($0)] })"
                datedFormulas.insert(key)
                return lasting.contains(key)
            }
            let parts = later.map { " \($0.from) \($0.formula.map { points[Int($0)] })" }.joined()
            points[Int(derived.point)] = PlantDefinitions.digest("\(points[Int(derived.point)]) \(formula)\(parts)")
        }
    }

    private mutating func takeIndicators(_ plan: IndicatorPlan) {
        indicators = Array(repeating: "", count: plan.indicators.count)
        for definition in plan.indicators {
            rules.append(PlantDefinitions.rule(of: definition, plan, indicatorNames))
            shapes.append("\(definition.unit ?? "-") \(rules[rules.count - 1])")
            dated.append(
                definition.later.map { later in
                    DatedText(from: later.from, text: "\(later.formula.map(named)) \(later.unit ?? "-")")
                })
            datedBehind.append(datedFormulas(behind: definition.points, plan))
        }
        for index in plan.indicatorsInOrder {
            let definition = plan.indicators[index]
            var own = definition
            (own.name, own.title, own.formulaText, own.later) = (indicatorNames[index], nil, "", [])
            (own.formula, own.condition, own.model, own.counted) = (.number(0), nil, nil, nil)
            let formula = definition.formula.map(text)
            let condition = definition.condition.map { $0.map { points[Int($0)] } }
            var parts = ["\(own)", shapes[index], "\(formula)", "\(String(describing: condition))"]
            for later in definition.later {
                let key = "indicator \(indicatorNames[index]) \(later.from) \(later.formula.map(named))"
                datedFormulas.insert(key)
                if lasting.contains(key) { parts.append("\(later.from) \(later.formula.map(text))") }
            }
            if let days = definition.counted { parts.append(indicators[days.when]) }
            if let model = definition.model {
                parts.append("\(model.baseline) \(model.result) \(model.range)")
                if model.shape != .linear { parts.append(model.shape.rawValue) }
                if let greatest = model.greatestVariation { parts.append("\(greatest)") }
                parts += ([model.subject] + model.drivers).map { indicators[$0] }
            }
            indicators[index] = PlantDefinitions.digest(parts.joined(separator: "\n"))
        }
    }

    private mutating func takeObjectives(_ plant: Plant) {
        for (index, objective) in plant.objectives.enumerated() {
            var own = objective
            (own.name, own.title, own.reference, own.responsible) = (objectiveNames[index], nil, nil, nil)
            (own.source, own.severity, own.recurrence, own.indicator, own.guardIndicator) = ("", .minor, 0, 0, nil)
            own.modelIndicator = nil
            let condition = objective.guardIndicator.map { indicators[$0] } ?? "-"
            let judged = indicatorNames[objective.indicator]
            let units = plant.plan.indicators[objective.indicator].later.compactMap { later in
                later.unit.map { " \(later.from.text) \($0)" }
            }
            judgedShapes.append(shapes[objective.indicator] + units.joined())
            judgedNames.append(judged)
            let expected = objective.modelIndicator.map { " \(indicators[$0])" } ?? ""
            demands.append(PlantDefinitions.digest("\(own) \(condition) \(judged)\(expected)"))
            objectives.append(PlantDefinitions.digest(demands[index] + indicators[objective.indicator]))
        }
    }

    /// An aggregate with the fingerprint of what it is over in place of an index.
    private func text(_ aggregate: Aggregate) -> String {
        switch aggregate {
        case .point(let function, let point): "\(function) \(points[Int(point)])"
        case .percentile(let point, let fraction): "percentile \(points[Int(point)]) \(fraction)"
        case .hours(let condition): "hours \(condition.map { points[Int($0)] })"
        case .share(let condition): "share \(condition.map { points[Int($0)] })"
        case .values(let function, let indicator): "values \(function) \(indicators[indicator])"
        }
    }

    /// An aggregate with the new name of what it is over in place of an index.
    private func named(_ aggregate: Aggregate) -> String {
        switch aggregate {
        case .point(let function, let point): "\(function) \(pointNames[Int(point)])"
        case .percentile(let point, let fraction): "percentile \(pointNames[Int(point)]) \(fraction)"
        case .hours(let condition): "hours \(condition.map { pointNames[Int($0)] })"
        case .share(let condition): "share \(condition.map { pointNames[Int($0)] })"
        case .values(let function, let indicator): "values \(function) \(indicatorNames[indicator])"
        }
    }

    private func datedFormulas(behind points: [PointIndex], _ plan: IndicatorPlan) -> [DatedText] {
        plan.derived.filter { points.contains($0.point) }.flatMap { derived in
            derived.later.map { later in
                let formula = later.formula.map { pointNames[Int($0)] }
                return DatedText(from: later.from, text: "\(pointNames[Int(derived.point)]) \(formula)")
            } + datedFormulas(behind: derived.inputs, plan)
        }
    }

    /// Which way a counter counts, without what a calendar has worked out so far.
    private static func text(_ counting: Counting) -> String {
        switch counting {
        case .up: "up"
        case .net: "net"
        case .each(let stretch): "each \(stretch)"
        case .since(let period): "since \(period.rule) \(period.calendar.identifier)"
        }
    }

    private static func digest(_ text: String) -> String {
        ConfigurationFiles.digest(of: Array(text.utf8))
    }
}
