import Conformity
import Indicators
import Metering

/// Fingerprints of a plant's definitions: equal where everything is equal that can change their numbers (Rules 13).
///
/// Of an indicator: formula, window, `while`, demands, grace, unit, zone, and the same of all it is computed from, down to
/// kind, unit, `max_gap`, `max_rate`, `modulus`, `resets` and scale of the points. Of an objective: its demand and its indicator's.
/// Titles and people are not in it, nor what brings a date of its own (`from`, exchanges), which restates from that date
/// on. Things are known by their new names, so that two plants can be compared over a renaming. They are compared by one
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

    /// The fingerprints of a plant.
    package init(_ plant: Plant, newNames: NewNames = NewNames()) {
        let plan = plant.plan
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
            points[Int(derived.point)] = PlantDefinitions.digest("\(points[Int(derived.point)]) \(formula)")
        }
    }

    private mutating func takeIndicators(_ plan: IndicatorPlan) {
        indicators = Array(repeating: "", count: plan.indicators.count)
        for definition in plan.indicators {
            let counting = definition.counted.map { " \(indicatorNames[$0.when])" } ?? ""
            shapes.append("\(definition.unit ?? "-") \(definition.rule)\(counting) \(plan.calendar.identifier)")
        }
        for index in plan.indicatorsInOrder {
            let definition = plan.indicators[index]
            var own = definition
            (own.name, own.title, own.formulaText, own.later) = (indicatorNames[index], nil, "", [])
            (own.formula, own.condition, own.model, own.counted) = (.number(0), nil, nil, nil)
            let formula = definition.formula.map(text)
            let condition = definition.condition.map { $0.map { points[Int($0)] } }
            var parts = ["\(own)", shapes[index], "\(formula)", "\(String(describing: condition))"]
            if let days = definition.counted { parts.append(indicators[days.when]) }
            if let model = definition.model {
                parts.append("\(model.baseline) \(model.result) \(model.range)")
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
            let condition = objective.guardIndicator.map { indicators[$0] } ?? "-"
            let judged = indicatorNames[objective.indicator]
            judgedShapes.append(shapes[objective.indicator])
            judgedNames.append(judged)
            demands.append(PlantDefinitions.digest("\(own) \(condition) \(judged)"))
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
