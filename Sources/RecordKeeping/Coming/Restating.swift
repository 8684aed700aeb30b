import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

/// Hands windows over to a definition that restates them, and their judging to the demand now in force (Rules 13).
///
/// A formula that holds from a date on takes windows of the same rule from the definitions before, as far back as there are
/// no others between.
package struct Restating {
    package let new: Plant
    package let difference: PlantDifference
    /// From when the new configuration is in force.
    package let since: Instant

    /// What the difference to a plant restates.
    package init(new: Plant, difference: PlantDifference, since: Instant) {
        self.new = new
        self.difference = difference
        self.since = since
    }

    /// Lets the definitions before end where the restatement begins; the writer knows the new names.
    package func moveEnds(in writer: StoreWriter) throws {
        guard !difference.restated.isEmpty else { return }
        let rules = PlantDefinitions.rules(of: new.plan)
        let ends = try writer.definitionEnds()
        for (index, restated) in difference.restated.sorted(by: { $0.key < $1.key }) where restated.begin < since {
            let number = writer.number(ofIndicator: index)
            var begin = try firstEnd(of: index, restated, in: writer)
            var taken: [DefinitionEnd] = []
            for end in ends.reversed() where end.kind == .indicator && end.thing == number && end.end > begin {
                guard let past = try PastPlant(version: end.version, in: writer),
                    let own = past.indicators.firstIndex(of: number), past.rules[own] == rules[index]
                else {
                    begin = end.end
                    break
                }
                taken.append(end)
            }
            // How far back it goes is known only now: none ends before one of other windows that came before it.
            for end in taken {
                try writer.move([DefinitionEnd(.indicator, number, version: end.version, end: begin)])
            }
            try moveDemands(of: index, to: begin, ends, in: writer)
        }
    }

    /// Where the windows end that stay what they are: of a year of windows only those around the date are looked at.
    private func firstEnd(of index: Int, _ restated: Restatement, in writer: StoreWriter) throws -> Instant {
        var begin = restated.begin
        let disorder = WindowSequence(new.plan.indicators[index].rule, calendar: new.plan.calendar).disorder
        do {
            try writer.versionedValues(index, in: Window(start: begin, end: since), overlapping: true) { value, _ in
                if value.window.end <= since, !restated.includes(value.window) { begin = max(begin, value.window.end) }
                // All that end later are restated.
                let isBeyond = restated.own.map { value.window.start - $0 > disorder } ?? true
                if isBeyond, restated.includes(value.window) { throw Found() }
            }
        } catch is Found {}
        return begin
    }

    private struct Found: Error {}

    private func moveDemands(
        of indicator: Int, to begin: Instant, _ ends: [DefinitionEnd], in writer: StoreWriter
    ) throws {
        for (index, objective) in new.objectives.enumerated() where objective.indicator == indicator {
            let number = writer.number(ofObjective: index)
            var begin = begin
            var taken: [DefinitionEnd] = []
            for end in ends.reversed() where end.kind == .objective && end.thing == number && end.end > begin {
                // A demand that was new then judges from there on, and one that judged something else before.
                let isNew = ends.contains {
                    $0.kind == .withdrawn && $0.thing == number && $0.version == end.version
                }
                if try isNew || !judged(number, writer.number(ofIndicator: indicator), by: end.version, writer) {
                    begin = end.end
                    break
                }
                taken.append(end)
            }
            for end in taken {
                try writer.move([DefinitionEnd(.objective, number, version: end.version, end: begin)])
            }
        }
    }

    /// Whether an objective judged that indicator by a version, both by the database's numbers.
    private func judged(
        _ objective: Int64, _ indicator: Int64, by version: Int, _ reader: StoreReader
    ) throws -> Bool {
        guard let past = try PastPlant(version: version, in: reader),
            let own = past.objectives.firstIndex(of: objective)
        else { return false }
        return past.indicators[past.plant.objectives[own].indicator] == indicator
    }
}
