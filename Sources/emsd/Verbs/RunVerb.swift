import ArgumentParser
import Commissioning
import Daemon
import Logging
import Programs

/// `emsd run`
struct RunVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the plant until it is told to stop.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    @Flag(name: .shortAndLong, help: "Logs what happens in detail.")
    var verbose = false

    func run() async throws {
        let plant = try ConfigurationCheck.load(config, warn: StandardStreams.complain)
        LoggingSystem.bootstrap { StreamLogHandler(label: $0, stream: LogLines()) }
        var logger = Logger(label: "emsd")
        logger.logLevel = verbose ? .debug : .notice
        try await PlantSupervisor.run(plant, configuration: config, logger: logger)
    }
}
