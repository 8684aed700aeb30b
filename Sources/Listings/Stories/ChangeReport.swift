import Conformity
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import RecordKeeping
import Storage

/// What another configuration would change, told before it counts (Rules 13).
package struct ChangeReport: Sendable {
    private let difference: PlantDifference
    /// What it means for nonconformities that last, periods under way, and what is on record.
    private var consequences: [String] = []
    /// Verdicts of the last 90 days that the new demand would have judged otherwise, by objective.
    private var otherwise: [String] = []

    /// The change from one plant to another over a record whose names are the old plant's.
    package init(from old: Plant, to new: Plant, in reader: StoreReader, now: Instant) throws {
        difference = PlantDifference(from: old, to: new)
        try tellNonconformities(old, new, reader)
        tellPeriods(old, new)
        try tellRestatements(old, new, reader, now)
        try tellVerdicts(old, new, reader, now)
        for pair in difference.likelyPairs {
            consequences.append(
                "\(pair.kind) \(pair.old) is gone and \(pair.new) is new, and they are alike: to carry its record on, say "
                    + "'was: \(pair.old)' in \(pair.new)")
        }
    }

    /// The change to a configuration against the one in force in a database, which is only read.
    package static func against(
        directory: String, _ new: Plant, now: Instant = Instant(milliseconds: WallClock.milliseconds())
    ) throws -> ChangeReport {
        let store = try PlantStore(directory: directory, access: .readOnly)
        let (inForce, found) = try store.read { reader in
            let inForce = try reader.configurationInForce()
            return (inForce, try inForce.flatMap { try Plant(kept: $0, in: reader) })
        }
        guard let inForce, let old = found else {
            throw CommandError(
                .inputOutput,
                "the database in \(directory) does not hold the configuration that it was made by: start this emsd with it "
                    + "once")
        }
        try store.adopt(StoreNames(old))
        return try store.read { reader in
            let newest = try reader.newestTimes().compactMap { $0 }.max() ?? inForce.since
            return try ChangeReport(from: old, to: new, in: reader, now: min(now, newest))
        }
    }

    /// Whether nothing differs.
    package var isEmpty: Bool { difference.isEmpty }

    /// What differs and what follows, a line each.
    package var text: String {
        let lines = difference.entries.map(\.text) + consequences + otherwise
        return lines.isEmpty ? "nothing differs\n" : lines.map { $0 + "\n" }.joined()
    }

    /// The same in short: counts, and what follows for what lasts.
    package var shortText: String {
        if isEmpty { return "" }
        let sorts: [(PlantDifference.Sort, String)] = [
            (.new, "new"), (.changed, "changed"), (.renamed, "renamed"), (.gone, "gone"), (.touched, "touched"),
        ]
        let counts = sorts.compactMap { sort, word -> String? in
            let names = difference.entries.filter { $0.sort == sort }.map { "\($0.kind) \($0.name)" }
            if names.isEmpty { return nil }
            let shown = names.prefix(5).joined(separator: ", ")
            return "\(word): " + (names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown)
        }
        return (counts + consequences).map { $0 + "\n" }.joined()
    }

    private mutating func tellNonconformities(_ old: Plant, _ new: Plant, _ reader: StoreReader) throws {
        for index in difference.endedObjectives {
            let name = old.objectives[index].name
            for found in try reader.nonconformities(objective: name) where found.condition == .ongoing {
                consequences.append(
                    difference.withdrawnObjectives.contains(index)
                        ? "\(found.id) lasts and would end as withdrawn: objective \(name) is no longer judged"
                        : "\(found.id) lasts and would go on under the new demand of \(name)")
            }
        }
    }

    private mutating func tellPeriods(_ old: Plant, _ new: Plant) {
        let (before, after) = PlantDefinitions.pair(old, newNames: difference.newNames, new)
        for (index, objective) in new.objectives.enumerated() {
            guard objective.requirement.demand.period != nil,
                let former = before.objectiveNames.firstIndex(of: objective.name),
                before.judgedShapes[former] != after.judgedShapes[index]
            else { continue }
            consequences.append(
                "the period of \(objective.name) under way would be not_evaluable (definition-changed): its indicator has "
                    + "another unit or other windows")
        }
    }

    private mutating func tellRestatements(
        _ old: Plant, _ new: Plant, _ reader: StoreReader, _ now: Instant
    ) throws {
        for (place, restated) in difference.restated.sorted(by: { $0.key < $1.key }) where restated.begin < now {
            let indicator = new.plan.indicators[place]
            let former = difference.newNames.indicators.first { $0.value == indicator.name }?.key ?? indicator.name
            guard !indicator.isHidden, let index = old.plan.indicators.firstIndex(where: { $0.name == former }) else {
                continue
            }
            var count = 0
            try reader.values(index, overlapping: Window(start: restated.begin, end: .distantFuture)) {
                if restated.includes($0.window) { count += 1 }
            }
            consequences.append(
                "\(count) windows of \(indicator.name) from \(restated.begin.text) on would be computed again")
            for objective in new.objectives where objective.indicator == place {
                for found in try reader.nonconformities(objective: formerName(of: objective)) {
                    guard found.condition == .ongoing else { continue }
                    consequences.append(
                        "\(found.id) lasts and would be judged again from \(restated.begin.text) on: windows of "
                            + "\(indicator.name) are computed again")
                }
            }
        }
    }

    private func formerName(of objective: ObjectiveDefinition) -> String {
        difference.newNames.objectives.first { $0.value == objective.name }?.key ?? objective.name
    }

    private mutating func tellVerdicts(_ old: Plant, _ new: Plant, _ reader: StoreReader, _ now: Instant) throws {
        for index in difference.endedObjectives where !difference.withdrawnObjectives.contains(index) {
            let former = old.objectives[index]
            let name = difference.newNames.objectives[former.name] ?? former.name
            guard let objective = new.objectives.first(where: { $0.name == name }), objective.companions.isEmpty,
                let recordStart = try reader.recordStart()
            else { continue }
            let judged = new.plan.indicators[objective.indicator]
            let present = difference.newNames.indicators.first { $0.value == judged.name }?.key ?? judged.name
            guard let source = old.plan.indicators.firstIndex(where: { $0.name == present }),
                old.plan.indicators[source].rule == judged.rule, old.plan.indicators[source].unit == judged.unit
            else { continue }
            let demand = objective.requirement.demand
            if demand.baseline != nil || demand.needsModel { continue }
            var judge = ObjectiveJudge(objective, objective: index, indicator: judged, calendar: new.plan.calendar)
            var changes: [String: Int] = [:]
            let stretch = Window(start: now - 90 * 86_400_000, end: .distantFuture)
            var judgedBefore: [Window: Verdict] = [:]
            try reader.verdicts(index, in: stretch) { judgedBefore[$0.window] = $0.verdict }
            try reader.values(source, overlapping: stretch) { value in
                let (verdict, _) = judge.judge(value, ObjectiveJudge.Context(recordStart: recordStart))
                guard let verdict, let was = judgedBefore[value.window], was != verdict.verdict
                else { return }
                changes["\(was.text) -> \(verdict.verdict.text)", default: 0] += 1
            }
            let words = changes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            otherwise.append(
                "verdicts of \(name) in the last 90 days that would be other: "
                    + (words.isEmpty ? "none" : words.joined(separator: ", ")))
        }
    }
}
