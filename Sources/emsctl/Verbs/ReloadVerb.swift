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
        let daemon = try plant.daemon(for: "reload")
        let waiting = Task {
            try await Task.sleep(for: .seconds(1))
            try await daemon.sayWhatIsComputed()
        }
        defer { waiting.cancel() }
        var body: [UInt8] = []
        _ = try await daemon.post("/v1/reload", JSONEncoder().encode(request)) { body += $0 }
        let answer = try JSONDecoder().decode(ReloadAnswer.self, from: Data(body))
        StandardStreams.complain(lines: Array(answer.warnings.utf8))
        try StandardStreams.output(Array(answer.report.utf8))
    }
}

extension Daemon {
    /// The part of a status that says what is still to be computed.
    private struct Computing: Decodable {
        var computing: [String]
    }

    /// Says on standard error what the daemon has still to compute: a change waits until that is done.
    fileprivate func sayWhatIsComputed() async throws {
        var body: [UInt8] = []
        _ = try await get("/v1/status?format=json") { body += $0 }
        for work in try JSONDecoder().decode(Computing.self, from: Data(body)).computing {
            StandardStreams.complain("waiting: \(work); the change comes into force after that")
        }
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
