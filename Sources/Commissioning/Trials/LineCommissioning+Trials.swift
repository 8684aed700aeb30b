import ConfigurationSource
import Metering
import PlantAPI
import PlantConfiguration

extension LineCommissioning {
    /// The points that a name means: a point, or all of a meter; throws a ``CommandError`` (65) with the nearest name.
    package static func points(named name: String, of plant: Plant) throws -> (MeterDefinition, [MeasuredPoint]) {
        for meter in plant.meters {
            let isMeant = meter.name == name || meter.points.contains { "\(meter.name).\($0.name)" == name }
            if isMeant, meter.link.isEmpty {
                throw CommandError(
                    .badInput,
                    "meter '\(meter.name)' has no link, so that nobody can ask it: emsctl points shows its newest readings"
                )
            }
            if meter.name == name { return (meter, meter.points) }
            if let point = meter.points.first(where: { "\(meter.name).\($0.name)" == name }) { return (meter, [point]) }
        }
        let known =
            plant.meters.map(\.name) + plant.meters.flatMap { meter in meter.points.map { "\(meter.name).\($0.name)" } }
        throw CommandError(
            .badInput, "there is no meter or measured point '\(name)'" + NearestName.hint(for: name, among: known),
            matter: .absent)
    }

    /// Reads points once and writes what came, with the frames where they are wanted; returns whether all is well.
    package func read(
        _ points: [MeasuredPoint], of meter: MeterDefinition, trace: Bool, sink: ([UInt8]) throws -> Void
    ) throws -> ExitStatus {
        var isWell = true
        for point in points {
            let trial = PointTrial(point, of: meter, over: line)
            isWell = isWell && trial.isSound
            let advice = trial.isSound ? [] : [trial.advice].compactMap { $0.map { "  \($0)" } }
            let lines = trace ? trial.trace + [""] : ["\(trial.name)  \(trial.finding)"] + advice
            try sink(Array(lines.map { ShownText($0).text + "\n" }.joined().utf8))
        }
        return isWell ? .done : .notInOrder
    }
}
