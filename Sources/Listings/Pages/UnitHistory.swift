import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// The units that values and verdicts had by the definitions that are answerable for them, which need not be those in
/// force (Rules 13).
///
/// Configurations are read when they are asked for, each once.
final class UnitHistory {
    private let record: PlantRecord
    private let reader: StoreReader
    private var ends: [DefinitionEnd]?
    private var pasts: [Int: PastPlant?] = [:]

    init(_ record: PlantRecord, _ reader: StoreReader) { (self.record, self.reader) = (record, reader) }

    /// The unit of a value of an indicator.
    func unit(ofIndicator index: Int, _ window: Window) throws -> String? {
        let present = reader.names.indicators[index]
        let number = reader.number(ofIndicator: index)
        if let past = try past(.indicator, number, window), let own = past.indicators.firstIndex(of: number) {
            return past.plant.plan.indicators[own].unit(at: window.start)
        }
        guard let own = record.plant?.plan.indicators.first(where: { $0.name == present.name }) else {
            return present.unit
        }
        return own.unit(at: window.start)
    }

    /// The unit of value and limit of a verdict of an objective.
    func unit(ofObjective index: Int, _ window: Window) throws -> String? {
        let present = reader.names.objectives[index]
        let number = reader.number(ofObjective: index)
        if let past = try past(.objective, number, window), let own = past.objectives.firstIndex(of: number) {
            return past.plant.shownUnit(ofObjective: own, at: window.start)
        }
        guard let plant = record.plant, let own = plant.objectives.firstIndex(where: { $0.name == present.name }) else {
            return present.unit
        }
        return plant.shownUnit(ofObjective: own, at: window.start)
    }

    /// The configuration with which the definition ended that a window is of; nil where it is in force.
    private func past(_ kind: DefinitionEnd.Kind, _ number: Int64, _ window: Window) throws -> PastPlant? {
        let known = try ends ?? reader.definitionEnds()
        ends = known
        guard let end = known.first(where: { $0.kind == kind && $0.thing == number && $0.end >= window.end }) else {
            return nil
        }
        if let known = pasts[end.version] { return known }
        let found = try PastPlant(version: end.version, in: reader)
        pasts[end.version] = .some(found)
        return found
    }
}

extension Plant {
    fileprivate func shownUnit(ofObjective index: Int, at start: Instant) -> String? {
        objectives[index].shownUnit(plan.indicators[objectives[index].indicator], at: start)
    }
}
