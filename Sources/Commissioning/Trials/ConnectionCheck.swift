import Acquisition
import Metering
import PlantAPI
import PlantConfiguration
import Platform

/// Tries each meter of a configuration once and says what is wrong with wiring, unit, register, order or scale.
package struct ConnectionCheck {
    private let plant: Plant

    /// A check of a plant; throws a ``CommandError`` (73) where a daemon runs on it, which has its lines.
    package init(_ plant: Plant) throws {
        guard UnixSocket.refusal(at: plant.api.socket) != nil else {
            throw CommandError(
                .cannotCreate,
                "a daemon runs at \(plant.api.socket) and has the lines: 'emsctl status' and 'emsctl read METER.POINT "
                    + "--trace' say how its meters answer")
        }
        self.plant = plant
    }

    /// Asks each meter for each of its points, link by link, and tells the outcome line by line; returns whether all is well.
    ///
    /// A meter that is silent to its first three points is not asked for the others.
    package func run(_ tell: (String) throws -> Void) rethrows -> Bool {
        var isWell = true
        for link in plant.links {
            let line = DirectLine(link)
            for meter in plant.meters where meter.link == link.name {
                isWell = try check(meter, over: line, tell) && isWell
            }
        }
        return isWell
    }

    private func check(_ meter: MeterDefinition, over line: DirectLine, _ tell: (String) throws -> Void) rethrows
        -> Bool
    {
        var isWell = true
        var silent = 0
        for point in meter.points {
            let trial = PointTrial(point, of: meter, over: line)
            let word = trial.isSound ? "ok  " : "FAIL"
            try tell("\(word) \(trial.name)  \(trial.finding)")
            if let advice = trial.advice { try tell("     \(advice)") }
            isWell = isWell && trial.isSound
            if trial.isSound || trial.hasAnswer { silent = 0 } else { silent += 1 }
            if silent == 3, meter.points.count > 3 {
                try tell("     the other \(meter.points.count - 3) points of \(meter.name) were not asked")
                break
            }
        }
        return isWell
    }
}

extension PointTrial {
    /// Whether the device said anything, be it a refusal.
    var hasAnswer: Bool {
        switch failure {
        case nil, .exception?: true
        default: false
        }
    }
}
