import ArgumentParser
import Commissioning
import Listings
import Metering
import PlantAPI
import Programs
import Rehearsal

/// `emsd check`
struct CheckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration; says nothing when all is well.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    @Option(help: "Says what it would change against the configuration in force in the database of this directory.")
    var against: String?

    @Option(
        parsing: .upToNextOption,
        help: "Runs the rule tests of these files; what does not come out is said, with exit status 1.")
    var tests: [String] = []

    @Flag(
        help:
            "Tries each meter once and says what is wrong with wiring, unit, register, order or scale (no daemon may run)."
    )
    var connect = false

    func run() async throws {
        if !tests.isEmpty { return try rehearse() }
        let plant = try ConfigurationCheck.load(config, warn: StandardStreams.complain)
        if connect {
            let isWell = try ConnectionCheck(plant).run { try StandardStreams.output(lines: [ShownText($0)]) }
            if !isWell { throw ExitCode(PlantAPI.ExitStatus.notInOrder.rawValue) }
        }
        guard let against else { return }
        try StandardStreams.output(Array(try ChangeReport.against(directory: against, plant).text.utf8))
    }

    private func rehearse() throws {
        var count = 0
        var isInOrder = true
        for file in tests {
            let run = RuleTestRun(file)
            let plant = try ConfigurationCheck.load(run.configuration() ?? config, warn: StandardStreams.complain)
            let outcome = try run.run(plant)
            if outcome.isFileFaulty { throw ConfigurationRefusal(findings: outcome.failures) }
            for failure in outcome.failures { StandardStreams.complain(failure) }
            count += outcome.count
            isInOrder = isInOrder && outcome.failures.isEmpty
        }
        if !isInOrder { throw ExitCode(ExitStatus.notInOrder.rawValue) }
        try StandardStreams.output(Array("\(count) tests passed\n".utf8))
    }
}
