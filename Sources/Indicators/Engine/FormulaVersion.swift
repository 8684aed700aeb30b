import Metering

/// One formula of an indicator while it is in force, with what its windows wait for.
struct FormulaVersion {
    var from: Instant
    var formula: Expression<Aggregate>
    /// The points it uses itself, also inside its conditions, and what of each makes a value uncertain.
    var points: [PointIndex: UncertainParts]
    /// Its conditions of `hours` and `share`.
    var conditions: Set<Condition<PointIndex>>
    /// The indicators it uses.
    var sources: [ValueSeries]
    /// When the scale of a point changed that it or the condition of its windows uses: such a window says nothing.
    var breaks: [Instant]
    /// What a window waits for.
    var awaited: Awaited

    /// What windows wait for, and how long.
    struct Awaited {
        /// Every point used, also through other indicators and in `while`.
        var points: [PointIndex]
        /// How long a window waits at most, in milliseconds.
        var grace: Int64

        init(_ points: [PointIndex], of definition: IndicatorDefinition, plan: IndicatorPlan) {
            self.points = points
            grace = definition.grace ?? 2 * (points.map { plan.points[Int($0)].maxGap }.max() ?? 0)
        }
    }

    /// The versions of an indicator's formula in the order in which they come into force.
    static func all(
        of definition: IndicatorDefinition, _ index: Int, plan: IndicatorPlan, sources: [ValueSeries]
    ) -> [FormulaVersion] {
        let first = DatedFormula(from: .distantPast, formula: definition.formula, text: definition.formulaText)
        return ([first] + definition.later).map { dated in
            let leaves = dated.formula.leaves
            let used = Set(leaves.compactMap(\.indicator))
            let awaited =
                definition.model == nil ? plan.pointsUsed(by: leaves, definition.condition) : plan.pointsUsed(by: index)
            return FormulaVersion(
                from: dated.from, formula: dated.formula, points: uncertainParts(of: leaves, plan: plan),
                conditions: Set(leaves.compactMap(\.condition)),
                sources: definition.model == nil ? sources.filter { used.contains($0.index) } : sources,
                breaks: plan.measuredPoints(behind: leaves.flatMap(\.points) + (definition.condition?.leaves ?? []))
                    .flatMap { plan.points[Int($0)].breaks }.sorted(),
                awaited: Awaited(awaited, of: definition, plan: plan))
        }
    }

    /// What counts as used of each point, by what its aggregates look at (Rules 8).
    private static func uncertainParts(of leaves: [Aggregate], plan: IndicatorPlan) -> [PointIndex: UncertainParts] {
        var parts: [PointIndex: UncertainParts] = [:]
        for leaf in leaves {
            for point in leaf.points {
                let isCounter = plan.points[Int(point)].kind == .counter
                parts[point, default: []].formUnion(isCounter ? leaf.uncertainPartsOfCounter : [.held, .readings])
            }
        }
        return parts
    }
}

extension Aggregate {
    fileprivate var uncertainPartsOfCounter: UncertainParts {
        switch self {
        case .point(.delta, _), .point(.rate, _), .point(.coverage, _): .advances
        case .point(.last, _): [.readings, .atStart]
        default: .readings
        }
    }
}
