import ArgumentParser
import Supervision

/// `emsd check`
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration; says nothing when all is well.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    func run() async throws { _ = try ConfigurationCheck.load(config) }
}
