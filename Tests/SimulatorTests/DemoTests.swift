import Foundation
import Metering
import PlantConfiguration
import Scenarios
import Testing

@testable import emsim

@Suite("The demo")
struct DemoTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("config/demo").path

    @Test("its scenarios fit its plant", arguments: ["scenario.yaml", "everything.yaml"])
    func scenarios(file: String) throws {
        let report = PlantLoader.load(path: "\(Self.directory)/emsd.yaml")
        #expect(report.faults == [])
        let plant = try #require(report.plant)
        let scenario = ScenarioLoader.load(path: "\(Self.directory)/\(file)", plant: plant)
        #expect(scenario.faults == [])
        let clock = SimulationClock(epoch: nil, speed: 1)
        let links = try SimulatedPlant(
            plant, try #require(scenario.scenario), clock: clock, placement: SimulatedPlant.Placement(portBase: 0)
        ).links
        #expect(links.map(\.name) == ["hall_gateway", "pump_house", "stack_line"])
    }

    @Test("every kind of fault stands in the example of everything")
    func completeness() throws {
        let plant = try #require(PlantLoader.load(path: "\(Self.directory)/emsd.yaml").plant)
        let scenario = ScenarioLoader.load(path: "\(Self.directory)/everything.yaml", plant: plant).scenario
        #expect(Set(scenario?.faults.map(\.kind) ?? []) == Set(SimulatedFault.Kind.allCases))
    }
}
