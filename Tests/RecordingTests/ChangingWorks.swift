import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Storage
import Testing

@testable import Recording

/// A store over which one configuration after the other comes into force, as in replays one after the other.
final class ChangingWorks {
    let store: PlantStore
    let directory: String
    private(set) var plant: Plant
    private var recorder: Recorder

    init(_ directory: String, _ configuration: String) throws {
        self.directory = directory
        plant = try FinalRecord.plant(configuration, in: directory)
        store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
        recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start()
    }

    func change(_ configuration: String, reason: String? = nil) throws {
        plant = try FinalRecord.plant(configuration, in: directory)
        recorder = Recorder(store: store, plant: plant, isLive: false)
        try recorder.start(load: ConfigurationLoad(.replay, by: "anna", reason: reason))
    }

    /// Records readings of points by their names, then the recording ends.
    func record(_ readings: [(String, Instant, Double)]) throws {
        let indexes = Dictionary(
            plant.plan.points.enumerated().map { ($1.name, PointIndex($0)) }, uniquingKeysWith: { a, _ in a })
        let known = readings.compactMap { name, time, value in indexes[name].map { Reading($0, time, value) } }
        for start in stride(from: 0, to: known.count, by: 37) {
            try recorder.record(Array(known[start..<min(start + 37, known.count)]))
        }
        try recorder.finish()
    }

    func journal(_ type: String) throws -> [String] {
        var lines: [String] = []
        try store.read { try $0.journal { if $0.line.contains("\"type\":\"\(type)") { lines.append($0.line) } } }
        return lines
    }

    func values(_ name: String) throws -> [IndicatorValue] {
        let index = try #require(plant.plan.indicators.firstIndex { $0.name == name })
        var found: [IndicatorValue] = []
        try store.read { try $0.values(index) { found.append($0) } }
        return found
    }

    func verdicts(_ name: String) throws -> [JudgedWindow] {
        let index = try #require(plant.objectives.firstIndex { $0.name == name })
        return try store.read { try $0.verdicts(index) }
    }

    func nonconformities() throws -> [Nonconformity] { try store.read { try $0.nonconformities() } }
}
