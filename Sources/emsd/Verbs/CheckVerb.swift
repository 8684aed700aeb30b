import ArgumentParser
import Commissioning
import Listings
import Metering
import PlantAPI
import Programs

/// `emsd check`
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration; says nothing when all is well.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    @Option(help: "Says what it would change against the configuration in force in the database of this directory.")
    var against: String?

    @Flag(
        help:
            "Tries each meter once and says what is wrong with wiring, unit, register, order or scale (no daemon may run)."
    )
    var connect = false

    func run() async throws {
        let plant = try ConfigurationCheck.load(config, warn: StandardStreams.complain)
        if connect {
            let isWell = try ConnectionCheck(plant).run { try StandardStreams.output(lines: [ShownText($0)]) }
            if !isWell { throw ExitCode(PlantAPI.ExitStatus.notInOrder.rawValue) }
        }
        guard let against else { return }
        try StandardStreams.output(Array(try ChangeReport.against(directory: against, plant).text.utf8))
    }
}
