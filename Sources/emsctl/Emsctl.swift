import ArgumentParser
import PlantAPI
import Programs

/// The companion of the daemon: shows what it knows, and takes the steps that people take.
package enum EmsctlProgram {
    /// Does what the command line says, and ends the program where that fails.
    package static func main() async { await Emsctl.main() }
}

struct Emsctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emsctl",
        abstract: "Shows what emsd measures, judges and raises, over its socket or from a database offline.",
        version: ProgramVersion.text,
        subcommands: [
            StatusVerb.self, MetersVerb.self, PointsVerb.self, ReadingsVerb.self, IndicatorsVerb.self,
            ObjectivesVerb.self, NonconformityVerbs.self, LedgerVerb.self, MeterVerbs.self, EnterVerb.self,
            ImportVerb.self, AlertsVerb.self,
            JournalVerb.self, RegisterVerb.self, CalibrationVerbs.self, FunctionVerb.self, SurveillanceVerb.self,
            DriftVerbs.self, TestObjectiveVerb.self,
            ForwardVerb.self,
            AuditVerbs.self, FleetVerbs.self, ExplainVerb.self, ExportVerbs.self, ReloadVerb.self, CheckVerb.self,
            BackupVerb.self,
            SalvageVerb.self,
            ScanVerb.self,
            ProbeVerb.self,
            PlotVerb.self, WatchVerb.self, ReportVerb.self, ReadVerb.self, NamesVerb.self,
        ])

    static func main() async {
        StandardStreams.silenceRuntime()
        do {
            if try ManualPage.answers(
                CommandLine.arguments, _dumpHelp(), section: 1, also: ["emsd (8)", "emsd.yaml (5)", "emsim (1)"])
            {
                return
            }
            guard CommandLine.arguments.count > 1 else {
                throw CommandError(
                    .usage, "say what to show or do, e.g. 'emsctl status'; 'emsctl help' lists the verbs")
            }
            let arguments = VerbOrder.verbFirst(Array(CommandLine.arguments.dropFirst()))
            try VerbNames(of: Emsctl.self).check(arguments)
            try VerbOrder.check(arguments)
            var command = try await asyncParseAsRoot(arguments)
            if var verb = command as? any AsyncParsableCommand {
                try await verb.run()
            } else {
                try command.run()
            }
        } catch {
            ProgramEnd.exit(program: "emsctl", error: error) { error in
                (
                    exitCode(for: error).rawValue,
                    exitCode(for: error) == .success ? fullMessage(for: error) : message(for: error)
                )
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
