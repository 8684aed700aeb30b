import Conformity
import Indicators
import Metering

/// From when on an indicator's windows are restated (Rules 13).
package struct Restatement: Sendable, Hashable {
    /// Those that begin at this instant or later: its own formula differs from there on.
    package var own: Instant?
    /// Those that end after this instant: what it is computed from differs from there on.
    package var behind: Instant?

    /// Whether a window is restated.
    package func includes(_ window: Window) -> Bool {
        own.map { window.start >= $0 } ?? false || behind.map { window.end > $0 } ?? false
    }

    /// No window that ends by then is restated.
    package var begin: Instant { min(own ?? .distantFuture, behind ?? .distantFuture) }
}

/// What differs between two plants, definition by definition. A pure value.
package struct PlantDifference: Sendable {
    /// What became of a definition.
    package enum Sort: String, Sendable, Hashable {
        case new, gone, changed
        /// It is written as before, but what it is computed from is not.
        case touched
        /// It has another name and is the same thing.
        case renamed
    }

    /// One definition that is not as it was.
    package struct Entry: Sendable, Hashable {
        package var sort: Sort
        /// As in ``WrittenDefinition/kind``.
        package var kind: String
        /// The new name; the old one of what is gone.
        package var name: String
        /// The old name of what was renamed.
        package var was: String?
        /// The keys that differ, as they were; empty for what is new.
        package var before: [CanonicalJSON.Member] = []
        /// The keys that differ, as they are; empty for what is gone.
        package var after: [CanonicalJSON.Member] = []

        /// A sentence's worth: `limit nox_permit: max 200 -> 180`.
        package var text: String {
            let title = "\(kind) \(name)"
            switch sort {
            case .new: return "new: \(title)"
            case .gone: return "gone: \(title)"
            case .renamed: return "renamed: \(kind) \(was ?? "") is \(name) now"
            case .touched: return "touched: \(title), by what it is computed from"
            case .changed:
                let keys = (before + after).map(\.key).reduce(into: [String]()) { keys, key in
                    if !keys.contains(key) { keys.append(key) }
                }
                let words = keys.map { key in
                    func value(_ members: [CanonicalJSON.Member]) -> String {
                        members.first { $0.key == key }.map { $0.value.canonicalText } ?? "nothing"
                    }
                    return "\(key) \(value(before)) -> \(value(after))"
                }
                return "changed: \(title): \(words.joined(separator: ", "))"
            }
        }
    }

    /// In the order: renamed, gone, changed, touched, new; by kind and name within.
    package private(set) var entries: [Entry]
    /// What is renamed.
    package let newNames: NewNames
    /// Indexes of the old plan's indicators whose definition ends.
    package private(set) var endedIndicators: [Int] = []
    /// Indexes of the old plant's objectives whose demand ends, or whose indicator, its unit or its windows do.
    package private(set) var endedObjectives: [Int] = []
    /// Indexes of the old plant's objectives that are not in the new one, or whose indicator is not.
    package private(set) var withdrawnObjectives: [Int] = []
    /// Indexes of the old plan's counters whose rules end.
    package private(set) var endedCounters: [PointIndex] = []
    /// Indexes of the old plan's points whose register's scale ends without a date.
    package private(set) var endedScales: [PointIndex] = []
    /// By the new plan's indicators, from when on what a date of its own brings differs.
    package private(set) var restated: [Int: Restatement] = [:]
    /// New names that look like old ones that are gone, without `was`: by the new one, the old one, with the kind.
    package private(set) var likelyPairs: [(kind: String, old: String, new: String)] = []

    /// The difference from one plant to another; names in `taken` have a record of their own, so that nothing else can be
    /// renamed to them.
    package init(from old: Plant, to new: Plant, taken: PlantNames? = nil) {
        newNames = NewNames(from: PlantNames(old), to: new, taken: taken)
        let (before, after) = PlantDefinitions.pair(old, newNames: newNames, new)
        entries = PlantDifference.entries(from: old.written, to: new.written, newNames)
        compare(before, after)
        findRestated(before, after, new)
        touch(before, after, old, new)
        findPairs(before, after)
        let order: [Sort] = [.renamed, .gone, .changed, .touched, .new]
        entries.sort {
            (order.firstIndex(of: $0.sort) ?? 0, $0.kind, $0.name) < (
                order.firstIndex(of: $1.sort) ?? 0, $1.kind, $1.name
            )
        }
    }

    /// Whether nothing differs.
    package var isEmpty: Bool { entries.isEmpty }

    private static func entries(
        from old: [WrittenDefinition], to new: [WrittenDefinition], _ newNames: NewNames
    ) -> [Entry] {
        func key(_ kind: String, _ name: String) -> String { kind + " " + name }
        let present = Dictionary(new.map { (key($0.kind, $0.name), $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [Entry] = []
        var seen: Set<String> = []
        for definition in old {
            let renamed: String? =
                switch definition.kind {
                case "meter": newNames.meters[definition.name]
                case "point", "derived": newNames.points[definition.name]
                case "indicator": newNames.indicators[definition.name]
                case "objective": newNames.objectives[definition.name]
                default: nil
                }
            let name = renamed ?? definition.name
            seen.insert(key(definition.kind, name))
            guard let other = present[key(definition.kind, name)] else {
                entries.append(
                    Entry(sort: .gone, kind: definition.kind, name: definition.name, before: definition.members))
                continue
            }
            if renamed != nil {
                entries.append(Entry(sort: .renamed, kind: definition.kind, name: name, was: definition.name))
            }
            let (a, b) = (definition.members, other.members)
            let (before, after) = (a.filter { !b.contains($0) }, b.filter { !a.contains($0) })
            if !before.isEmpty || !after.isEmpty {
                entries.append(
                    Entry(sort: .changed, kind: definition.kind, name: name, before: before, after: after))
            }
        }
        for definition in new where !seen.contains(key(definition.kind, definition.name)) {
            entries.append(Entry(sort: .new, kind: definition.kind, name: definition.name, after: definition.members))
        }
        return entries
    }

    private mutating func compare(_ before: PlantDefinitions, _ after: PlantDefinitions) {
        func indexes(_ names: [String]) -> [String: Int] {
            Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let points = indexes(after.pointNames)
        for (index, name) in before.pointNames.enumerated() {
            guard let other = points[name] else { continue }
            if let rules = before.counters[index], rules != after.counters[other] {
                endedCounters.append(PointIndex(index))
            }
            if let scale = before.scales[index], let present = after.scales[other], scale != present {
                endedScales.append(PointIndex(index))
            }
        }
        let indicators = indexes(after.indicatorNames)
        for (index, name) in before.indicatorNames.enumerated() {
            if let other = indicators[name], after.indicators[other] == before.indicators[index] { continue }
            endedIndicators.append(index)
        }
        let objectives = indexes(after.objectiveNames)
        for (index, name) in before.objectiveNames.enumerated() {
            guard let other = objectives[name] else {
                endedObjectives.append(index)
                withdrawnObjectives.append(index)
                continue
            }
            let shape = before.judgedShapes[index]
            if after.demands[other] != before.demands[index] || after.judgedShapes[other] != shape {
                endedObjectives.append(index)
            }
            // Its indicator is another thing: what lasted was about the one that is gone.
            if !indicators.keys.contains(before.judgedNames[index]) { withdrawnObjectives.append(index) }
        }
    }

    private mutating func findRestated(_ before: PlantDefinitions, _ after: PlantDefinitions, _ new: Plant) {
        let known = Dictionary(
            before.indicatorNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for index in new.plan.indicatorsInOrder {
            guard let old = known[after.indicatorNames[index]] else { continue }
            func differing(_ a: [DatedText], _ b: [DatedText]) -> Instant? {
                (a.filter { !b.contains($0) } + b.filter { !a.contains($0) }).map(\.from).min()
            }
            let behind = [differing(before.datedBehind[old], after.datedBehind[index])]
            let sources = new.plan.indicators[index].indicators.flatMap { [restated[$0]?.own, restated[$0]?.behind] }
            let found = Restatement(
                own: differing(before.dated[old], after.dated[index]),
                behind: (behind + sources).compactMap { $0 }.min())
            if found.own != nil || found.behind != nil { restated[index] = found }
        }
    }

    private mutating func touch(_ before: PlantDefinitions, _ after: PlantDefinitions, _ old: Plant, _ new: Plant) {
        let told = Set(entries.filter { $0.sort != .renamed }.map { $0.kind + " " + $0.name })
        let touched = TouchedDefinitions(before, after, old, new, restated: Set(restated.keys))
        for (kind, name) in touched.things where !told.contains(kind + " " + name) {
            entries.append(Entry(sort: .touched, kind: kind, name: name))
        }
    }

    /// What is gone and what is new and would be the same but for the name.
    private mutating func findPairs(_ before: PlantDefinitions, _ after: PlantDefinitions) {
        for gone in entries where gone.sort == .gone {
            let like = entries.first { other in
                other.sort == .new && other.kind == gone.kind
                    && other.after.filter { $0.key != "title" } == gone.before.filter { $0.key != "title" }
            }
            if let like { likelyPairs.append((gone.kind, gone.name, like.name)) }
        }
    }
}
