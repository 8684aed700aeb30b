import ArgumentParser
import Commissioning
import Foundation
import PlantAPI
import Programs

/// `emsctl reload`
struct ReloadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract:
            "Lets the daemon take over its changed configuration; a broken one is refused (78) and the old one stays.")

    @Flag(help: "Only says what is new, changed and gone, what follows, and which verdicts would be other.")
    var dryRun = false

    @Option(help: "Why; it stands in the journal. A site with change_control wants it.")
    var reason: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let request = ReloadRequest(reason: reason, isDryRun: dryRun)
        var body: [UInt8] = []
        _ = try await plant.daemon(for: "reload").post("/v1/reload", JSONEncoder().encode(request)) { body += $0 }
        let answer = try JSONDecoder().decode(ReloadAnswer.self, from: Data(body))
        StandardStreams.complain(lines: Array(answer.warnings.utf8))
        try StandardStreams.output(Array(answer.report.utf8))
    }
}

/// `emsctl check`
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration; says nothing when all is well.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    func run() async throws { _ = try ConfigurationCheck.load(config, warn: StandardStreams.complain) }
}
