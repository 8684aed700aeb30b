import ArgumentParser
import Supervision

/// `emsctl reload`
struct ReloadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract:
            "Lets the daemon take over its changed configuration; a broken one is refused (78) and the old one stays.")

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        _ = try await plant.daemon(for: "reload").post("/v1/reload") { StandardStreams.complain(lines: $0) }
    }
}

/// `emsctl check`
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration; says nothing when all is well.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    func run() async throws { _ = try ConfigurationCheck.load(config) }
}
