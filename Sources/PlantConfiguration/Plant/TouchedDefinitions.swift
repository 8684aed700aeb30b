import Indicators
import Metering

/// What has other numbers than before because of a change, however far behind it that is: derived points, indicators and
/// objectives that were there before (Rules 13).
///
/// A change without a date shows in the fingerprint of everything that is computed from what changed. One with a date
/// (a formula, an exchange, a scale) is in no fingerprint, so the plan is gone through from what differs to what uses it.
struct TouchedDefinitions {
    /// With their kind, as ``WrittenDefinition/kind`` says it, and their new names.
    private(set) var things: [(kind: String, name: String)] = []
    private var points: Set<PointIndex> = []
    private var indicators: Set<Int> = []

    /// What a change from one plant to another touches; windows of indicators in `restated` are computed again.
    init(
        _ before: PlantDefinitions, _ after: PlantDefinitions, _ old: Plant, _ new: Plant, restated: Set<Int>
    ) {
        func differ(_ a: [String], _ aNames: [String], _ b: [String], _ bNames: [String]) -> Set<String> {
            let prints = Dictionary(zip(aNames, a), uniquingKeysWith: { first, _ in first })
            return Set(zip(bNames, b).filter { name, print in prints[name].map { $0 != print } ?? false }.map(\.0))
        }
        takePoints(before, after, old, new, differ(before.points, before.pointNames, after.points, after.pointNames))
        let changed = differ(before.indicators, before.indicatorNames, after.indicators, after.indicatorNames)
        for index in new.plan.indicatorsInOrder {
            let definition = new.plan.indicators[index]
            if changed.contains(definition.name) || restated.contains(index)
                || !points.isDisjoint(with: new.plan.pointsUsed(by: index))
                || !indicators.isDisjoint(with: definition.indicators)
            {
                indicators.insert(index)
            }
        }
        let known = Set(before.indicatorNames)
        for index in indicators.sorted() where !new.plan.indicators[index].isHidden {
            let name = new.plan.indicators[index].name
            if known.contains(name) { things.append(("indicator", name)) }
        }
        let judged = differ(before.objectives, before.objectiveNames, after.objectives, after.objectiveNames)
        let judgedBefore = Set(before.objectiveNames)
        for objective in new.objectives where judgedBefore.contains(objective.name) {
            if judged.contains(objective.name) || indicators.contains(objective.indicator)
                || !indicators.isDisjoint(with: objective.companions)
            {
                things.append(("objective", objective.name))
            }
        }
    }

    /// Points whose values or decisions differ, and the derived points behind which they stand.
    private mutating func takePoints(
        _ before: PlantDefinitions, _ after: PlantDefinitions, _ old: Plant, _ new: Plant, _ changed: Set<String>
    ) {
        let (was, now) = (DatedPoints(before, old), DatedPoints(after, new))
        let known = Set(before.pointNames)
        for (index, name) in after.pointNames.enumerated() where known.contains(name) {
            if changed.contains(name) || was.texts[name] != now.texts[name] { points.insert(PointIndex(index)) }
        }
        var count = -1
        while count != points.count {
            count = points.count
            for derived in new.plan.derived where !points.isDisjoint(with: derived.inputs) {
                points.insert(derived.point)
            }
        }
        for derived in new.plan.derived where points.contains(derived.point) {
            let name = after.pointNames[Int(derived.point)]
            if known.contains(name) { things.append(("derived", name)) }
        }
    }

    /// What holds of points from a date on, by their new names.
    private struct DatedPoints {
        var texts: [String: [String]] = [:]

        init(_ definitions: PlantDefinitions, _ plant: Plant) {
            let names = definitions.pointNames
            for (name, point) in zip(names, plant.plan.points) where !point.exchanges.isEmpty {
                texts[name, default: []] += point.exchanges.map { "\($0)" }
            }
            for point in plant.meters.flatMap(\.points) where !point.map.laterScales.isEmpty {
                texts[names[Int(point.index)], default: []] += point.map.laterScales.map { "\($0)" }
            }
            for derived in plant.plan.derived where !derived.later.isEmpty {
                texts[names[Int(derived.point)], default: []] += derived.later.map { later in
                    "\(later.from) \(later.formula.map { names[Int($0)] })"
                }
            }
        }
    }
}
