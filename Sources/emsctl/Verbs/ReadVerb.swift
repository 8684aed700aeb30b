import ArgumentParser
import Commissioning
import Foundation
import PlantAPI
import PlantConfiguration
import Programs

/// `emsctl read METER.POINT`
struct ReadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Reads a point, or all of a meter, from the device now; it only reads.",
        discussion:
            "--trace shows the frames in hex with their meaning. The running daemon asks between its polls; with --config the "
            + "line is opened here, for when no daemon runs. Exit status 1: a value could not be had.")

    @Argument(help: "The point (meter.point), or a meter.", completion: NameKind.points.completion)
    var name: String

    @Flag(help: "Shows the request and the answer byte by byte.")
    var trace = false

    @Option(help: "Opens the meter's link of this configuration itself.")
    var config: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let status: PlantAPI.ExitStatus
        if let config {
            let known = try ConfigurationCheck.load(config, warn: StandardStreams.complain)
            let (meter, points) = try LineCommissioning.points(named: name, of: known)
            let line = try LineCommissioning(
                direct: meter.link, LineCommissioning.LineSettings(configuration: config), warn: { _ in })
            status = try line.read(points, of: meter, trace: trace) { try StandardStreams.output($0) }
        } else {
            let escaped =
                name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-", "_", "."])) ?? name
            status = try await plant.daemon(for: "read").post(
                "/v1/meters/\(escaped)/read?trace=\(trace)"
            ) { try StandardStreams.output($0) }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}
