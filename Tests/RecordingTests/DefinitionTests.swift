import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Storage
import TestKit
import Testing

@testable import Recording

@Suite("Definitions that change")
struct DefinitionTests {
    private static let start: Int64 = 1_790_812_800_000
    private static let exchange = "{time: \"2026-10-01T05:10:00Z\", closing: 1310, opening: 20}"

    private static func configuration(exchanges: String = "[]", formula: String = "delta(m.e)") -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters:
          m:
            interval: 5m
            points:
              p: {kind: gauge, unit: kW}
              e: {kind: counter, unit: kWh, max_rate: 500, max_gap: 20m, exchanges: \(exchanges)}
        indicators:
          energy: {window: 15m, formula: \(formula), unit: kWh}
          hour: {window: 1h, formula: delta(m.e), unit: kWh}
          total: {window: 4h, formula: sum(energy), unit: kWh}
          power: {window: 15m, formula: mean(m.p), unit: kW}
        objectives:
          limit: {indicator: hour, max: 115}
        """
    }

    /// Twelve hours of one reading in five minutes; the meter is exchanged after five hours and ten minutes.
    private static let readings: [Reading] = (0...144).flatMap { slot in
        let time = Instant(milliseconds: start + Int64(slot) * 300_000)
        let index = Double(slot) * 5
        let isNew = time >= Instant(milliseconds: start + 62 * 300_000)
        return [
            Reading(0, time, Double(slot % 7)), Reading(1, time, isNew ? 20 + index - 310 : 1000 + index),
        ]
    }

    /// A store in a directory of its own, with whatever recorders come and go over it.
    private final class Works {
        let store: PlantStore
        let directory: String
        var plant: Plant
        var recorder: Recorder

        init(_ directory: String, _ configuration: String) throws {
            self.directory = directory
            plant = try FinalRecord.plant(configuration, in: directory)
            store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
        }

        /// As a restart does, with another configuration or the same.
        func restart(_ configuration: String? = nil) throws {
            if let configuration { plant = try FinalRecord.plant(configuration, in: directory) }
            recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start()
        }

        func end() throws -> [String] {
            try recorder.finish()
            return try FinalRecord.lines(store, plant)
        }

        func journal(_ type: String) throws -> [String] {
            var lines: [String] = []
            try store.read { try $0.journal { if $0.line.contains("\"type\":\"\(type)\"") { lines.append($0.line) } } }
            return lines
        }

        func declare(_ closing: Double, _ opening: Double, withdraws: Bool = false) throws -> Int {
            let now = recorder.engine.clock
            let before = recorder.summary.revisions
            try recorder.declare(
                DeclaredExchange(
                    point: "m.e", time: try #require(Instant("2026-10-01T05:10:00Z")), closing: closing,
                    opening: opening, by: "anna", at: now, reason: "work order 7"), withdraws: withdraws, now: now)
            return recorder.summary.revisions - before
        }
    }

    private func expectNone(_ differences: [String], _ place: SourceLocation = #_sourceLocation) {
        #expect(differences.isEmpty, "\(differences.prefix(8))", sourceLocation: place)
    }

    private static func expected() throws -> [String] {
        try FinalRecord.inDirectory { directory in
            let works = try Works(directory, configuration(exchanges: "[\(exchange)]"))
            try works.recorder.record(readings)
            let lines = try works.end()
            try works.store.close()
            return lines
        }
    }

    @Test(
        "an exchange that comes into the configuration later ends as if it had stood there, and can be taken out again")
    func configuredLater() throws {
        let expected = try Self.expected()
        #expect(expected.contains { $0.contains("declared-exchange") })
        try FinalRecord.inDirectory { directory in
            let works = try Works(directory, Self.configuration())
            try works.recorder.record(Self.readings)
            let without = try works.end()
            #expect(FinalRecord.differences(without, expected).count > 5)
            try works.restart(Self.configuration(exchanges: "[\(Self.exchange)]"))
            expectNone(FinalRecord.differences(try works.end(), expected))
            #expect(try works.journal("definition.changed").count == 1)
            #expect(try works.journal("value.revised").contains { $0.contains("definition-changed") })
            let head = try works.store.read { try $0.journalHead().hash }
            try works.restart()
            #expect(try works.store.read { try $0.journalHead().hash } == head)
            try works.restart(Self.configuration())
            expectNone(FinalRecord.differences(try works.end(), without))
            try works.store.close()
        }
    }

    @Test(
        "an exchange that an operator declares ends as a configured one, whenever it is declared",
        arguments: [50, 125, 135, 160, 290])
    func declared(after count: Int) throws {
        let expected = try Self.expected()
        try FinalRecord.inDirectory { directory in
            let works = try Works(directory, Self.configuration())
            try works.recorder.record(Array(Self.readings.prefix(count)))
            _ = try works.declare(1310, 20)
            try works.recorder.record(Array(Self.readings.dropFirst(count).prefix(20)))
            try works.restart()
            try works.recorder.record(Array(Self.readings.dropFirst(count + 20)))
            expectNone(FinalRecord.differences(try works.end(), expected))
            let line = try #require(try works.journal("exchange.declared").first)
            #expect(line.contains("\"by\":\"anna\"") && line.contains("\"reason\":\"work order 7\""))
            // The same readings replayed over it, and the exchange put into the configuration, change nothing.
            try works.restart(Self.configuration(exchanges: "[\(Self.exchange)]"))
            try works.recorder.record(Self.readings)
            expectNone(FinalRecord.differences(try works.end(), expected))
            try works.store.close()
        }
    }

    @Test("an exchange declared with a wrong index is put right by declaring it again, and withdrawn by taking it back")
    func declaredAgain() throws {
        let expected = try Self.expected()
        try FinalRecord.inDirectory { directory in
            let works = try Works(directory, Self.configuration())
            try works.recorder.record(Self.readings)
            let without = try works.end()
            #expect(try works.declare(1400, 20) > 2)
            #expect(try works.declare(1310, 20) > 2)
            expectNone(FinalRecord.differences(try works.end(), expected))
            #expect(try works.declare(0, 0, withdraws: true) > 2)
            expectNone(FinalRecord.differences(try works.end(), without))
            #expect(try works.journal("exchange.declared").count == 2)
            #expect(try works.journal("exchange.withdrawn").count == 1)
            try works.store.close()
        }
    }

    @Test("values before a dated formula stay as they were, and those since are revised")
    func datedFormula() throws {
        try FinalRecord.inDirectory { directory in
            let exchanges = "[\(Self.exchange)]"
            let works = try Works(directory, Self.configuration(exchanges: exchanges))
            try works.recorder.record(Self.readings)
            let before = try works.end()
            try works.restart(
                Self.configuration(
                    exchanges: exchanges,
                    formula: "[delta(m.e), {from: \"2026-10-01T08:20:00Z\", formula: 2 * delta(m.e)}]"))
            let changed = FinalRecord.differences(try works.end(), before)
            #expect(changed.count > 4)
            // The window that straddles the date began before it.
            #expect(changed.allSatisfy { $0.contains("total") || !$0.contains("2026-10-01T08:15:00Z 2") })
            #expect(changed.contains { $0.contains("energy 2026-10-01T08:30:00Z") })
            #expect(changed.allSatisfy { !$0.contains("power") && !$0.contains("hour") })
            let line = try #require(try works.journal("definition.changed").first)
            #expect(line.contains("\"name\":\"energy\"") && line.contains("2 * delta(m.e)"))
            try works.store.close()
        }
    }

    // MARK: Models

    private static let model = """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters: {m: {interval: 15m, points: {x: {}, y: {}}}}
        indicators:
          expected: {model: {of: y, drivers: [x], from: "2026-10-01T02:00:00Z", to: "2026-10-01T08:00:00Z"}}
          saved: {model: {like: expected, gives: savings}}
          running: {model: {like: expected, gives: cusum}}
          x: {window: 15m, formula: mean(m.x)}
          y: {window: 15m, formula: mean(m.y)}
          saved_hour: {window: 1h, formula: sum(saved)}
        objectives:
          saving: {indicator: saved_hour, min: 0}
          drift: {indicator: running, max: 40, min: -40}
        """

    private static func modelReadings(seed: UInt64) -> [Reading] {
        var numbers = SeededNumbers(seed: seed)
        return (0...96).flatMap { slot in
            let time = Instant(milliseconds: start + Int64(slot) * 900_000)
            let x = Double(Int.random(in: 50...90, using: &numbers))
            let noise = Double(Int.random(in: -12...12, using: &numbers))
            let gone = Int.random(in: 0..<15, using: &numbers)
            return [
                gone == 0 ? Reading(0, time, bad: .timeout) : Reading(0, time, x),
                gone == 1 ? Reading(1, time, bad: .timeout) : Reading(1, time, 3 * x + 20 + noise),
            ]
        }
    }

    @Test(
        "against a baseline too, any split by restarts and any order of arrival end the same",
        arguments: [1, 2, 3] as [UInt64])
    func models(seed: UInt64) throws {
        let readings = Self.modelReadings(seed: seed)
        func run(_ batches: [[Reading]], restarting: Bool) throws -> [String] {
            try FinalRecord.inDirectory { directory in
                let works = try Works(directory, Self.model)
                for batch in batches {
                    if restarting { try works.restart() }
                    try works.recorder.record(batch)
                }
                if !restarting { #expect(try works.journal("model.fitted").count >= 1) }
                let lines = try works.end()
                try works.store.close()
                return lines
            }
        }
        let whole = try run([readings], restarting: false)
        #expect(whole.count { $0.hasPrefix("running") && $0.contains(" valid ") } > 20)
        var numbers = SeededNumbers(seed: seed &+ 5)
        var batches: [[Reading]] = []
        var rest = readings[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...40, using: &numbers)
            batches.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        expectNone(FinalRecord.differences(try run(batches, restarting: true), whole))
        batches.shuffle(using: &numbers)
        expectNone(FinalRecord.differences(try run(batches, restarting: false), whole))
    }
}
