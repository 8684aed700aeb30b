import ArgumentParser
import Foundation
import Metering
import Modbus
import PlantAPI
import PlantConfiguration
import Programs

/// A simulated plant: serves every meter of a configuration over real Modbus.
package enum EmsimProgram {
    /// Does what the command line says, and ends the program where that fails.
    package static func main() { EmsimCommand.main() }
}

struct EmsimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emsim", abstract: "Serves every meter of a configuration over real Modbus, after a scenario.",
        version: ProgramVersion.text)

    static func main() {
        do {
            if try ManualPage.answers(
                CommandLine.arguments, _dumpHelp(), section: 1, also: ["emsd (8)", "emsd.yaml (5)"])
            {
                return
            }
            var command = try parseAsRoot()
            try command.run()
        } catch {
            ProgramEnd.exit(program: "emsim", error: error) { error in
                let status = exitCode(for: error)
                return (status.rawValue, status == .success ? fullMessage(for: error) : message(for: error))
            }
        }
    }

    @OptionGroup var options: EmsimOptions

    mutating func run() throws {
        do throws(SimulationStop) {
            let simulation = try Simulation(options)
            simulation.announce()
            simulation.wait()
            simulation.end()
        } catch {
            FileHandle.standardError.write(Data(error.lines.map { ShownText($0).text + "\n" }.joined().utf8))
            throw ExitCode(error.code)
        }
    }
}
