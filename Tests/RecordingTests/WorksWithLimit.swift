import Conformity
import Foundation
import Metering
import PlantConfiguration
import RecordKeeping
import Storage
import TestKit
import Testing

@testable import PlantAPI
@testable import Recording

/// A plant whose recorder is driven by a clock of its own, and may be killed between any two steps.
final class WorksWithLimit {
    private let folder: TemporaryFolder
    let plant: Plant
    let store: PlantStore
    private(set) var recorder: Recorder
    private(set) var now: Instant
    /// Whether the recorder is killed before everything that is done.
    var isKilledEachTime = false

    /// A live recorder over a new database at that time.
    init(_ configuration: String, at start: Instant) throws {
        folder = try TemporaryFolder()
        try folder.write("emsd.yaml", configuration)
        let report = PlantLoader.load(path: folder.file("emsd.yaml"))
        plant = try #require(report.plant, "\(report.faults)")
        store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
        recorder = Recorder(store: store, plant: plant, isLive: true)
        now = start
        try recorder.start(now: start)
    }

    /// What a kill leaves: the database, and nothing of the recorder.
    func kill() throws {
        recorder = Recorder(store: store, plant: plant, isLive: true)
        try recorder.start(now: now)
    }

    private func step() throws { if isKilledEachTime { try kill() } }

    /// Lets time pass in so many strides, without a reading; whatever is due is said.
    func pass(_ milliseconds: Int64, strides: Int = 1) throws {
        for _ in 0..<strides {
            now = now + milliseconds / Int64(strides)
            try step()
            try recorder.remind(now: now)
        }
    }

    /// Reads the same values of all points, by their order, each minute for so many minutes.
    func read(_ values: [Double], minutes: Int) throws {
        try step()
        let start = now
        let readings = (0..<minutes).flatMap { minute in
            values.enumerated().map { Reading(PointIndex($0), start + Int64(minute) * 60_000, $1) }
        }
        now = now + Int64(minutes) * 60_000
        try recorder.record(readings, now: now)
        recorder.holdOn(to: now)
        try recorder.commit(now: now)
        try recorder.remind(now: now)
    }

    /// Takes a step as a person.
    func take(
        _ kind: LifecycleStep.Kind, of id: String = "NC-2026-0001", by: String = "anna", _ text: String = "said",
        _ change: (inout LifecycleStep) -> Void = { _ in }
    ) throws {
        try step()
        var step = LifecycleStep(kind, by: by, at: now, text: text)
        change(&step)
        if kind == .cause { step.similar = try store.read { try SimilarCases(plant, at: now).found(for: id, $0) } }
        try recorder.take(step, of: id, hasSingleOperator: false, now: now)
        try recorder.remind(now: now)
    }

    /// Why a step is refused, with the exit status; nil: it was taken.
    func refusal(
        _ kind: LifecycleStep.Kind, of id: String = "NC-2026-0001", by: String = "anna", _ text: String = "said",
        _ change: (inout LifecycleStep) -> Void = { _ in }
    ) -> (status: PlantAPI.ExitStatus, message: String)? {
        do { try take(kind, of: id, by: by, text, change) } catch let error as CommandError {
            return (error.status, error.message)
        } catch { return (.inputOutput, "\(error)") }
        return nil
    }

    /// The alert lines, each with the keys asked for in front of its event.
    func alerts(_ keys: [String] = [], of events: (String) -> Bool = { _ in true }) throws -> [String] {
        try store.read { try $0.alerts(after: 0) }.compactMap { line in
            let json = try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any] ?? [:]
            guard let event = json["event"] as? String, events(event) else { return nil }
            return ([event] + keys.map { "\(json[$0] ?? "-")" }).joined(separator: " ")
        }
    }

    /// The journal's lines of a kind.
    func journal(_ type: String) throws -> [String] {
        var lines: [String] = []
        try store.read { reader in
            try reader.journal { if $0.line.contains("\"type\":\"\(type)\"") { lines.append($0.line) } }
        }
        return lines
    }

    /// The life of a nonconformity as it stands.
    func life(_ id: String = "NC-2026-0001") throws -> NonconformityLifecycle { try store.read { try $0.life(of: id) } }
}
