import Conformity
import Metering
import PlantConfiguration
import Storage

/// What differs between the plant in force and the next one, found out beforehand: in a large plant it takes a moment, for
/// which no reading should wait.
package struct ComparedPlants: Sendable {
    /// The names that had a record of their own then.
    package let taken: PlantNames
    package let difference: PlantDifference
    /// The next plant's files, compressed.
    package let files: [KeptFile]

    /// Compares the plant in force in a store with the next one.
    package init(from old: Plant, to new: Plant, in store: PlantStore) throws {
        taken = PlantNames(taken: store.names)
        difference = PlantDifference(from: old, to: new, taken: taken)
        files = try new.files.kept.map { file in
            var file = file
            try file.pack()
            return file
        }
    }
}

extension PlantNames {
    /// The names that have a record of their own.
    /// Those of a store.
    package init(taken names: StoreNames) {
        self.init(
            points: names.points.map(\.name), indicators: names.indicators.map(\.name),
            objectives: names.objectives.map(\.name))
    }
}

extension ConfigurationRecord {
    /// A plant's configuration, before it has come into force.
    package init(_ plant: Plant, load: ConfigurationLoad) {
        self.init(
            digest: plant.digest, zone: plant.files.zone, zoneDigest: plant.files.zoneDigest, path: plant.files.path,
            since: .distantPast, who: load.who, reason: load.reason)
    }
}
