import ArgumentParser
import Foundation
import Metering
import Modbus
import PlantConfiguration

/// A simulated plant: serves every meter of a configuration over real Modbus.
@main
struct EmsimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emsim", abstract: "Serves every meter of a configuration over real Modbus, after a scenario.")

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
