import Metering

/// What `was` says in a configuration: by the present name, the name before (Rules 13).
package struct FormerNames: Sendable, Hashable {
    /// Of meters.
    package var meters: [String: String] = [:]
    /// Of measured points, by the present full name: the name within the meter before. Of derived points: the full name.
    package var points: [String: String] = [:]
    /// Of indicators.
    package var indicators: [String: String] = [:]
    /// Of objectives.
    package var objectives: [String: String] = [:]

    /// The full names that a point may have had, the likeliest first.
    func candidates(ofPoint name: String) -> [String] {
        guard let dot = name.firstIndex(of: ".") else { return [] }
        let (meter, own) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
        let formerMeter = meters[meter]
        guard let former = points[name] else { return formerMeter.map { ["\($0).\(own)"] } ?? [] }
        if former.contains(".") { return [former] }
        return [formerMeter.map { "\($0).\(former)" }, "\(meter).\(former)", formerMeter.map { "\($0).\(own)" }]
            .compactMap { $0 }
    }
}

/// The names that a plant has, as far as renaming needs them.
package struct PlantNames: Sendable, Hashable {
    package var meters: Set<String>
    /// Full names, derived points included.
    package var points: Set<String>
    package var indicators: Set<String>
    package var objectives: Set<String>

    /// The names of a plant.
    package init(_ plant: Plant) {
        self.init(
            points: plant.plan.points.map(\.name), indicators: plant.plan.indicators.map(\.name),
            objectives: plant.objectives.map(\.name))
        meters.formUnion(plant.meters.map(\.name))
    }

    /// The names that are known where the plant is not.
    package init(points: [String], indicators: [String], objectives: [String]) {
        meters = Set(points.compactMap { $0.split(separator: ".").first.map(String.init) })
        self.points = Set(points)
        self.indicators = Set(indicators)
        self.objectives = Set(objectives)
    }
}

/// Which names of a plant take the place of which of the plant before: what `was` says, where the one before has the old
/// name and not the new one, and the new one not the old one. Left standing, `was` has no effect.
package struct NewNames: Sendable, Hashable {
    /// By the old name, the new one.
    package private(set) var meters: [String: String] = [:]
    package private(set) var points: [String: String] = [:]
    package private(set) var indicators: [String: String] = [:]
    package private(set) var objectives: [String: String] = [:]

    /// Nothing is renamed.
    package init() {}

    /// What is renamed between the names before and a plant; a name in `taken` has a record of its own and stays what it
    /// is.
    package init(from old: PlantNames, to plant: Plant, taken: PlantNames? = nil) {
        let new = PlantNames(plant)
        var old = old
        if let taken {
            old.indicators.formUnion(taken.indicators.intersection(plant.was.indicators.keys))
            old.objectives.formUnion(taken.objectives.intersection(plant.was.objectives.keys))
            old.points.formUnion(taken.points.intersection(new.points))
        }
        func carry(_ was: [String: String], _ old: Set<String>, _ new: Set<String>) -> [String: String] {
            var found: [String: String] = [:]
            for (name, former) in was.sorted(by: { $0.key < $1.key })
            where old.contains(former) && !new.contains(former) && !old.contains(name) && found[former] == nil {
                found[former] = name
            }
            return found
        }
        meters = carry(plant.was.meters, old.meters, new.meters)
        indicators = carry(plant.was.indicators, old.indicators, new.indicators)
        objectives = carry(plant.was.objectives, old.objectives, new.objectives)
        for point in plant.plan.points where !old.points.contains(point.name) {
            for former in plant.was.candidates(ofPoint: point.name)
            where old.points.contains(former) && !new.points.contains(former) && points[former] == nil {
                points[former] = point.name
                break
            }
        }
        // The hidden indicator of an objective's `while` goes with it.
        for (former, name) in objectives {
            for hidden in ["while", "model"] where old.indicators.contains("\(former)/\(hidden)") {
                indicators["\(former)/\(hidden)"] = "\(name)/\(hidden)"
            }
        }
    }

    /// Whether nothing is renamed.
    package var isEmpty: Bool { meters.isEmpty && points.isEmpty && indicators.isEmpty && objectives.isEmpty }
}
