import Foundation
import PlantConfiguration
import Storage
import TestKit

/// What a database ends with, for comparing one way to it with another.
package enum FinalRecord {
    /// The plant of a configuration, which is written into the directory.
    package static func plant(_ configuration: String, in directory: String) throws -> Plant {
        let path = directory + "/emsd.yaml"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        let report = PlantLoader.load(path: path)
        guard let plant = report.plant else { throw UnsoundPlant(faults: report.faults.map(\.description)) }
        return plant
    }

    /// What is true at the end, as text: values, verdicts, ledger and nonconformities that were not put right.
    package static func lines(_ store: PlantStore, _ plant: Plant) throws -> [String] {
        try store.read { reader in
            // Whatever the way was, the evidence fits its digests.
            let damaged = try reader.damagedEvidence()
            if !damaged.isEmpty { throw DamagedEvidence(nonconformities: damaged.map { "\($0.id): \($0.faults)" }) }
            var lines: [String] = []
            for (index, indicator) in plant.plan.indicators.enumerated() {
                try reader.values(index) { value in
                    let flags = value.flags.subtracting(.revised).words
                    lines.append(
                        "\(indicator.name) \(value.window.start) \(value.window.end) "
                            + "\(value.value.map { String(format: "%.9g", $0) } ?? "-") \(value.status.text) "
                            + "\(value.coverage) \(flags)")
                }
            }
            for (index, objective) in plant.objectives.enumerated() {
                try reader.verdicts(index) { judged in
                    lines.append(
                        "\(objective.name) \(judged.window.start) \(judged.window.end) \(judged.verdict.text) "
                            + "\(judged.value.map { String(format: "%.9g", $0) } ?? "-")")
                }
                for found in try reader.nonconformities(objective: objective.name) where !found.isPutRight {
                    lines.append(
                        "\(objective.name) \(found.onset) \(found.raisedAt) \(found.clearedAt?.text ?? "-") "
                            + "\(found.peak.map { String(format: "%.9g", $0) } ?? "-") \(found.condition) \(found.windows.count)"
                    )
                    lines += found.windows.map { window in
                        "\(objective.name) \(found.onset) evidence \(window.end) \(window.verdict) \(window.status) "
                            + "\(window.value.map { String(format: "%.9g", $0) } ?? "-")"
                    }
                    lines += found.points.map { "\(objective.name) \(found.onset) evidence \($0)" }
                }
            }
            for entry in try reader.ledger() {
                lines.append("\(entry.point) \(entry.time) \(entry.verdict.text) \(entry.lastSuspect)")
            }
            return lines
        }
    }

    /// Runs something with a directory that is gone afterwards.
    package static func inDirectory<T>(_ body: (String) throws -> T) throws -> T {
        let folder = try TemporaryFolder()
        return try withExtendedLifetime(folder) { try body(folder.path) }
    }

    /// The lines that only one of the two has.
    package static func differences(_ a: [String], _ b: [String]) -> [String] {
        Set(a).symmetricDifference(b).sorted().map { (a.contains($0) ? "first: " : "second: ") + $0 }
    }
}

/// A configuration that a test wrote and that is not sound.
package struct UnsoundPlant: Error {
    /// What is wrong with it.
    package var faults: [String]
}

/// Evidence that does not fit its digests, at the end of a way that should leave it sound.
private struct DamagedEvidence: Error {
    var nonconformities: [String]
}
