import ArgumentParser
import PlantAPI
import Programs

/// The daemon.
package enum EmsdProgram {
    /// Does what the command line says, and ends the program where that fails.
    package static func main() async { await Emsd.main() }
}

struct Emsd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emsd",
        abstract: "Polls meters, keeps their readings, judges objectives and raises nonconformities.",
        version: ProgramVersion.text, subcommands: [RunVerb.self, CheckVerb.self, ReplayVerb.self, InitVerb.self])

    static func main() async {
        StandardStreams.silenceRuntime()
        do {
            if try ManualPage.answers(
                CommandLine.arguments, _dumpHelp(), section: 8, also: ["emsctl (1)", "emsd.yaml (5)", "emsim (1)"])
            {
                return
            }
            guard CommandLine.arguments.count > 1 else {
                throw CommandError(.usage, "say what to do, e.g. 'emsd run'; 'emsd help' lists the verbs")
            }
            try VerbNames(of: Emsd.self).check(CommandLine.arguments.dropFirst())
            var command = try await asyncParseAsRoot()
            if var verb = command as? any AsyncParsableCommand {
                try await verb.run()
            } else {
                try command.run()
            }
        } catch {
            ProgramEnd.exit(program: "emsd", error: error) { error in
                let status = exitCode(for: error)
                return (status.rawValue, status == .success ? fullMessage(for: error) : message(for: error))
            }
        }
    }
}

extension VerbNames {
    /// The verbs of a command as it declares them.
    init(of command: any ParsableCommand.Type) {
        let configuration = command.configuration
        self.init(
            configuration.commandName ?? "\(command)".lowercased(), configuration.subcommands.map(VerbNames.init(of:)))
    }
}
