import Conformity
import Foundation
import Metering
import PlantConfiguration
import Storage
import TestKit
import Testing

@testable import PlantAPI
@testable import Recording

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
                "emsd.yaml",
                """
                site: {name: Test works, timezone: Europe/Stockholm}
                meters:
                  m: {interval: 1m, points: {p: {kind: gauge, unit: kW, max_gap: 5m}}}
                indicators:
                  level: {window: 15m, formula: mean(m.p), unit: kW}
                objectives:
                  limit: {title: Power below the limit, indicator: level, max: 60, severity: major}
                """)
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

        /// The nonconformity that one is linked to by its rejection or raising.
        func link(_ id: String) throws -> String? {
            try store.read { try $0.life(of: id) }.steps.compactMap(\.other).first
        }

        func take(
            _ kind: LifecycleStep.Kind, of id: String = "NC-2026-0001", by: String = "anna",
            _ change: (inout LifecycleStep) -> Void = { _ in }
        ) throws {
            var step = LifecycleStep(kind, by: by, at: now, text: "said")
            change(&step)
            try recorder.take(step, of: id, hasSingleOperator: false, now: now)
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
        #expect(throws: CommandError.self) { try works.take(.verify, by: "eva") }
        try works.read(50, quarters: 3)
        #expect(throws: CommandError.self) { try works.take(.verify) }
        try works.take(.verify, by: "eva")
        #expect(throws: CommandError.self) { try works.take(.close, by: "carl") }
        try works.take(.close, by: "eva")
        #expect(try works.state == "closed")
        #expect(try works.steps == ["ack", "cause", "action", "done", "verify", "close"])
    }

    @Test("rejected as a fault of the data opens a data nonconformity, linked both ways, with a life of its own")
    func dataFault() throws {
        let works = try Works()
        try works.take(.reject, by: "eva") { $0.isDataFault = true }
        #expect(try works.state == "rejected")
        let data = try #require(try works.store.read { try $0.nonconformity("NC-2026-0002") })
        let breach = try #require(try works.store.read { try $0.nonconformity("NC-2026-0001") })
        #expect(data.kind == .data && breach.kind == .breach)
        #expect(data.objectiveName == "limit" && data.onset == breach.onset && data.windows == breach.windows)
        #expect(data.peak == nil && data.condition == .ongoing && data.state == "open")
        #expect(try works.link("NC-2026-0001") == "NC-2026-0002")
        #expect(try works.link("NC-2026-0002") == "NC-2026-0001")
        #expect(try works.alerts.suffix(2) == ["nonconformity_reject", "nonconformity_raised"])
        // The readings that made the one are the fault of the other: both end together, over a restart too.
        try works.restart()
        try works.read(50, quarters: 2)
        let ends = try works.store.read { reader in
            try ["NC-2026-0001", "NC-2026-0002"].map { try reader.nonconformity($0)?.clearedAt }
        }
        #expect(ends[0] != nil && ends[0] == ends[1])
        try works.take(.acknowledge, of: "NC-2026-0002")
        // It is none of the objective's: the next breach repeats nothing of it.
        try works.read(90, quarters: 2)
        let next = try #require(try works.store.read { try $0.nonconformity("NC-2026-0003") })
        #expect(next.kind == .breach && next.recurrenceOf == "NC-2026-0001")
        // A rejection without a fault of the data opens nothing.
        try works.take(.reject, of: "NC-2026-0003")
        #expect(try works.store.read { try $0.nonconformities() }.count == 3)
    }

    @Test("is reopened by itself when the objective breaks again while the effect is verified")
    func breaksAgain() throws {
        let works = try Works()
        try works.read(50, quarters: 1)
        try works.take(.acknowledge)
        try works.take(.cause) { $0.category = .equipment }
        try works.take(.action) { $0.isNoAction = true }
        #expect(try works.state == "verifying")
        try works.read(50, quarters: 2)
        try works.read(90, quarters: 2)
        #expect(try works.state == "reopened")
        let last = try works.store.read { try $0.steps(of: "NC-2026-0001") }.last
        #expect(last?.details.contains("NC-2026-0002") == true)
    }
}
