import Conformity
import Foundation
import Metering
import PlantConfiguration
import Storage
import Testing

@testable import Supervision

@Suite("A nonconformity's life: the recorder takes steps, and watches whether the action worked")
struct LifecycleRecordingTests {
    private static let criterion = "level <= 55 for 2 windows"

    /// A plant with one limit, broken in the first quarter of an hour, so that NC-2026-0001 stands.
    private final class Works {
        private let folder: TemporaryFolder
        private let plant: Plant
        let store: PlantStore
        private(set) var recorder: Recorder
        private var minute: Int64 = 0
        private let start = Instant(milliseconds: 1_780_000_200_000)

        init() throws {
            folder = try TemporaryFolder()
            try folder.write(
                """
                site: {name: Test works, timezone: Europe/Stockholm}
                meters:
                  m: {interval: 1m, points: {p: {kind: gauge, unit: kW, max_gap: 5m}}}
                indicators:
                  level: {window: 15m, formula: mean(m.p), unit: kW}
                objectives:
                  limit: {title: Power below the limit, indicator: level, max: 60, severity: major}
                """, to: "emsd.yaml")
            let report = PlantLoader.load(path: folder.file("emsd.yaml"))
            plant = try #require(report.plant, "\(report.faults)")
            store = try PlantStore(directory: folder.file("db"), access: .owner(create: true, sync: .normal))
            recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: start)
            try read(80, quarters: 2)
        }

        var now: Instant { start + minute * 60_000 }

        /// Reads the same level each minute for so many windows.
        func read(_ level: Double, quarters: Int) throws {
            for _ in 0..<quarters {
                let readings = (0..<15).map { Reading(0, now + Int64($0) * 60_000, level) }
                minute += 15
                try recorder.record(readings, now: now)
            }
            recorder.holdOn(to: now)
            try recorder.commit(now: now)
        }

        func take(_ kind: LifecycleStep.Kind, by: String = "anna", _ change: (inout LifecycleStep) -> Void = { _ in })
            throws
        {
            var step = LifecycleStep(kind, by: by, at: now, text: "said")
            change(&step)
            try recorder.take(step, of: "NC-2026-0001", hasSingleOperator: false, now: now)
        }

        /// Goes as far as the effect of an action with a criterion is watched.
        func verify() throws {
            try take(.acknowledge)
            try take(.cause) { $0.category = .equipment }
            try take(.action) {
                $0.owner = "carl"
                $0.due = "2026-12-01"
                $0.effectiveWhen = criterion
            }
            try take(.done) { $0.action = 1 }
        }

        func restart() throws {
            recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: now)
        }

        var state: String? { get throws { try store.read { try $0.nonconformity("NC-2026-0001") }?.state } }

        var steps: [String] { get throws { try store.read { try $0.steps(of: "NC-2026-0001") }.map(\.step) } }

        /// The events of the alert lines so far.
        var alerts: [String] {
            get throws {
                try store.read { try $0.alerts(after: 0) }.map { line in
                    let json = try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any]
                    return json?["event"] as? String ?? "?"
                }
            }
        }
    }

    @Test(
        "is reopened by itself once a window fails the criterion, with an alert and a journal line",
        arguments: [false, true])
    func criterionFails(restarting: Bool) throws {
        let works = try Works()
        try works.read(50, quarters: 1)
        try works.verify()
        #expect(try works.state == "verifying")
        if restarting { try works.restart() }
        // The window that is open while the action is done does not count.
        try works.read(50, quarters: 1)
        #expect(try works.state == "verifying")
        try works.read(58, quarters: 1)
        try works.read(58, quarters: 1)
        #expect(try works.state == "reopened")
        #expect(try works.steps.last == "reopened")
        #expect(try works.alerts.filter { $0 == "nonconformity_reopened" }.count == 1)
        let journal = try works.store.read { reader in
            var lines: [String] = []
            try reader.journal { lines.append($0.line) }
            return lines
        }
        #expect(journal.contains { $0.contains(#""type":"nc.reopened""#) && $0.contains("is not met") })
        // The way on is open: a new cause, a new action.
        try works.take(.cause) { $0.category = .process }
    }

    @Test("is verified and closed when the criterion is met, and a refused step changes nothing")
    func criterionHolds() throws {
        let works = try Works()
        try works.read(50, quarters: 1)
        try works.verify()
        #expect(throws: Complaint.self) { try works.take(.verify) }
        try works.read(50, quarters: 3)
        try works.take(.verify)
        #expect(throws: Complaint.self) { try works.take(.close, by: "carl") }
        try works.take(.close, by: "eva")
        #expect(try works.state == "closed")
        #expect(try works.steps == ["ack", "cause", "action", "done", "verify", "close"])
    }

    @Test("is reopened by itself when the objective breaks again while the effect is verified")
    func breaksAgain() throws {
        let works = try Works()
        try works.read(50, quarters: 1)
        try works.take(.acknowledge)
        try works.take(.cause) { $0.category = .equipment }
        try works.take(.action)
        #expect(try works.state == "verifying")
        try works.read(50, quarters: 2)
        try works.read(90, quarters: 2)
        #expect(try works.state == "reopened")
        let last = try works.store.read { try $0.steps(of: "NC-2026-0001") }.last
        #expect(last?.details.contains("NC-2026-0002") == true)
    }
}
