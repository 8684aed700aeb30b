import ConfigurationSource
import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import Recording
import Storage

/// Runs the tests of a file through the same recorder as live operation, each in a database of its own that is gone
/// afterwards.
///
/// ```
/// let outcome = try RuleTestRun("rules.test.yaml").run(plant)
/// for failure in outcome.failures { print(failure) }
/// ```
package struct RuleTestRun {
    private let path: String
    private let log = FaultLog()

    /// The tests of a file.
    package init(_ path: String) { self.path = path }

    /// The configuration that the file names, beside it; nil: the one that the caller has.
    package func configuration() -> String? {
        guard let root = WrittenFile.root(of: path, as: "a file of rule tests", log: FaultLog()),
            let name = root.field("config")?.node.scalar?.text, !name.isEmpty
        else { return nil }
        return name.hasPrefix("/") ? name : (path as NSString).deletingLastPathComponent.appending(name, in: "/")
    }

    /// What came of it: how many tests were run, and what did not come out, a line each with its place.
    package struct Outcome: Sendable {
        package var count: Int
        package var failures: [String]
        /// Whether the file itself is faulty: then nothing was run.
        package var isFileFaulty: Bool
    }

    /// Runs all tests of the file against a plant.
    package func run(_ plant: Plant) throws -> Outcome {
        let root = WrittenFile.root(of: path, as: "a file of rule tests", log: log)
        let tests = root.map { RuleTestReader(plant, log: log).tests($0) } ?? []
        if log.hasErrors {
            let faults = log.faults(startingWith: path).map(\.description)
            return Outcome(count: 0, failures: faults, isFileFaulty: true)
        }
        let failures = try tests.flatMap { try run($0, plant) }
        return Outcome(count: tests.count, failures: failures, isFileFaulty: false)
    }

    private func run(_ test: RuleTest, _ plant: Plant) throws -> [String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("emsd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try PlantStore(directory: directory.path, access: .owner(create: true, sync: .normal))
        defer { try? store.close() }
        let recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
        var begin = 0
        while begin < test.readings.count {
            let end = min(test.readings.count, begin + 50_000)
            try recorder.record(Array(test.readings[begin..<end]))
            begin = end
        }
        try recorder.finish(through: test.until)
        return try store.read { try RuleTestComparison(test, plant, $0).failures() }
    }
}

extension String {
    /// The path of a file in this directory; of an empty one, the file's own.
    fileprivate func appending(_ name: String, in separator: String) -> String {
        isEmpty ? name : self + separator + name
    }
}
