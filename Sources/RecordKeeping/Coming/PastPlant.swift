import Indicators
import Metering
import PlantConfiguration
import Storage

/// The plant of a configuration that another has replaced, with the database's numbers of its things.
package struct PastPlant {
    /// Its version.
    package let version: Int
    /// The plant as it was configured.
    package let plant: Plant
    /// Its names, as they were.
    package let names: StoreNames
    /// Per indicator, what makes its values alike besides their unit.
    package let rules: [String]
    /// In plan order; 0 for what the database does not know.
    package let points: [Int64]
    /// In plan order, as the points.
    package let indicators: [Int64]
    /// In the order of the configuration, as the points.
    package let objectives: [Int64]

    /// The plant of a version; nil where this program no longer understands it.
    package init?(version: Int, in reader: StoreReader) throws {
        guard let record = try reader.configurations().first(where: { $0.version == version }),
            let plant = try Plant(kept: record, in: reader)
        else { return nil }
        try self.init(version: version, plant, in: reader)
    }

    /// A plant that is known.
    package init(version: Int, _ plant: Plant, in reader: StoreReader) throws {
        self.version = version
        self.plant = plant
        names = StoreNames(plant)
        rules = PlantDefinitions.rules(of: plant.plan)
        let seen = try reader.seen(by: names, ofVersion: version)
        points = plant.plan.points.indices.map { seen.number(ofPoint: PointIndex($0)) }
        indicators = plant.plan.indicators.indices.map { seen.number(ofIndicator: $0) }
        objectives = plant.objectives.indices.map { seen.number(ofObjective: $0) }
    }
}
