import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// Something that the configuration no longer has, or has under another name: its history is read by the last
/// configuration that had it (Rules 13).
struct RemovedThing {
    /// Answers by the names of that configuration.
    let reader: StoreReader
    /// The plan of that configuration; nil where it is not known.
    let plan: IndicatorPlan?

    /// Looks for a name that the plan in force does not have; nil where the record never had it either.
    init?(_ name: String, _ subject: ListingQuery.Listing, of record: PlantRecord, in reader: StoreReader) throws {
        func names(_ names: StoreNames) -> [String] {
            switch subject {
            case .readings, .ledger: names.points.map(\.name)
            case .indicators: names.indicators.map(\.name)
            case .objectives: names.objectives.map(\.name)
            default: []
            }
        }
        let present = record.plant.map { StoreNames($0) } ?? reader.names
        let everything = try reader.includingRemoved()
        let renamed = try reader.renamings().map(\.old)
        guard !names(present).contains(name), names(everything.names).contains(name) || renamed.contains(name) else {
            return nil
        }
        for configuration in try reader.configurations().reversed() {
            guard let plant = try Plant(kept: configuration, in: reader), names(StoreNames(plant)).contains(name) else {
                continue
            }
            let past = StoreNames(plant)
            self.reader = try reader.seen(by: past, ofVersion: configuration.version)
            plan = plant.plan.with(try DeclaredExchange.all(in: reader))
            return
        }
        guard names(everything.names).contains(name) else { return nil }
        self.reader = everything
        plan = nil
    }
}
