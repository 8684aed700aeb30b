import ConfigurationSource
import Foundation
import PlantConfiguration

/// Reads a scenario for a simulated plant, or every fault that it has.
///
/// ```
/// let report = ScenarioLoader.load(path: "scenario.yaml", plant: plant)
/// for fault in report.faults { print(fault) }  // scenario.yaml:3:5: error: …
/// guard let scenario = report.scenario else { return }
/// ```
package enum ScenarioLoader {
    /// The report about the file at that path, for that plant.
    ///
    /// Never throws: a file that is missing or unreadable is a fault like any other, at line 1, column 1.
    package static func load(path: String, plant: Plant) -> ScenarioReport {
        let log = FaultLog()
        let scenario = scenario(at: path, plant, log)
        return ScenarioReport(scenario: log.hasErrors ? nil : scenario, faults: log.faults(startingWith: path))
    }

    private static func scenario(at path: String, _ plant: Plant, _ log: FaultLog) -> Scenario? {
        let source: SourceText
        do {
            source = try SourceFile.read(path)
        } catch {
            let place = SourceMark(SourceText(path: path, bytes: []), line: error.line, column: error.column)
            log.error(place, error.message)
            return nil
        }
        guard let root = YamlTree.read(source, log: log) else { return nil }
        return ScenarioReader(plant: plant, path: path, log: log).scenario(root)
    }
}
