import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import RecordKit
import Storage
import Testing

@testable import Recording

/// What is imported beside polling ends as if it had been there from the beginning.
@Suite("Recordings taken in by a recorder at work")
struct ImportTests {
    private static let start = Instant("2026-09-01T00:00:00Z")!
    private static let days = 4

    private static let configuration = """
        site: {name: Works, timezone: Europe/Stockholm}
        meters:
          m:
            interval: 5m
            points:
              p: {kind: gauge, unit: kW}
              e: {kind: counter, unit: kWh, max_rate: 500}
              kwh: {kind: gauge}
              wh: {kind: gauge}
          file:
            interval: 1h
            points: {u: {kind: interval, unit: kWh}}
        derived:
          m.index: {formula: m.kwh + m.wh / 1000, kind: counter, unit: kWh, max_rate: 500}
        indicators:
          quarter: {window: 15m, formula: mean(m.p), unit: kW}
          day: {window: 1d, formula: sum(quarter), unit: kW}
          energy: {window: 1h, formula: delta(m.e), unit: kWh}
          parts: {window: 1h, formula: delta(m.index), unit: kWh}
          used: {window: 1h, formula: delta(file.u), unit: kWh}
          week: {window: 1w, formula: delta(m.index) + delta(file.u), unit: kWh}
        objectives:
          limit: {indicator: quarter, max: 40, for: 2}
        """

    private static func readings() -> [Reading] {
        (0..<days * 288).flatMap { slot -> [Reading] in
            let time = start + Int64(slot) * 300_000
            let index = 1000 + slot * 137
            var all = [
                Reading(0, time, Double(slot % 50)), Reading(1, time, 1000 + Double(slot) * 5),
                Reading(2, time, Double(index / 1000)), Reading(3, time, Double(index % 1000)),
            ]
            // Once an index of two parts says nonsense.
            if slot == 400 { all[2] = Reading(2, time, 77_777) }
            if slot % 12 == 0 { all.append(Reading(4, time, Double(slot % 7))) }
            return all
        }
    }

    private func lines(_ directory: String, _ plant: Plant, _ body: (PlantStore) throws -> Void) throws -> [String] {
        let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
        try body(store)
        defer { try? store.close() }
        return try FinalRecord.lines(store, plant)
    }

    /// How the readings come that were not polled.
    enum Way: CaseIterable { case history, gap, everySecond, killed }

    @Test("equals a replay of everything", arguments: Way.allCases)
    func equalsReplay(way: Way) throws {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(Self.configuration, in: directory)
            let all = Self.readings()
            let end = all.last!.time
            let isImported: (Int) -> Bool =
                switch way {
                case .history, .killed: { all[$0].time < Self.start + 2 * 86_400_000 }
                case .gap: { (300_000..<500_000).contains((all[$0].time - Self.start) / 400) }
                case .everySecond: { (all[$0].time - Self.start) / 300_000 % 2 == 1 || all[$0].point == 4 }
                }
            let polled = all.indices.filter { !isImported($0) }.map { all[$0] }
            let recorded = all.indices.filter(isImported).map { all[$0] }
            let expected = try lines(directory + "/whole", plant) { store in
                let recorder = Recorder(store: store, plant: plant, isLive: false)
                try recorder.start()
                try recorder.record(all)
                try recorder.finish(through: end + 86_400_000)
            }
            let found = try lines(directory + "/live", plant) { store in
                var recorder = Recorder(store: store, plant: plant, isLive: true)
                try recorder.start(now: polled[0].time)
                try recorder.record(polled, now: end)
                var rest = recorded[...]
                var pieces = 0
                while !rest.isEmpty {
                    let piece = Recorder.ImportPiece(
                        id: "i", by: "anna", files: ["a.csv"], reason: "lost", readings: Array(rest.prefix(300)))
                    rest = rest.dropFirst(300)
                    #expect(try recorder.takeIn(piece, now: end) == piece.readings.count)
                    #expect(try recorder.takeIn(piece, now: end) == 0)
                    pieces += 1
                    if way == .killed, pieces == 3 {
                        recorder = Recorder(store: store, plant: plant, isLive: true)
                        try recorder.start(now: end)
                    }
                }
                #expect(throws: CommandError.self) {
                    let other = Recorder.ImportPiece(id: "j", by: "carl", files: [], reason: nil, readings: [])
                    return try recorder.takeIn(other, now: end)
                }
                #expect(try recorder.endImport(now: end) == recorded.count)
                #expect(try recorder.endImport(now: end) == 0)
                while !recorder.isOpen { try recorder.openOn(for: 5, now: end) }
                while recorder.isWorkLeft { try recorder.workOff(for: 5, now: end) }
                try recorder.finish(through: end + 86_400_000)
                while recorder.isWorkLeft { try recorder.workOff(for: 5, now: end) }
                var journal: [String] = []
                try store.read { try $0.journal { if $0.line.contains("\"import\"") { journal.append($0.line) } } }
                #expect(journal.contains { $0.contains("\"type\":\"import\"") && $0.contains("\"by\":\"anna\"") })
            }
            #expect(FinalRecord.differences(expected, found) == [])
            #expect(expected.contains { $0.hasPrefix("parts") } && expected.contains { $0.hasPrefix("limit") })
        }
    }

    @Test("an import that comes to no end is ended by the next start")
    func abandoned() throws {
        try FinalRecord.inDirectory { directory in
            let plant = try FinalRecord.plant(Self.configuration, in: directory)
            let all = Self.readings()
            let end = all.last!.time
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            var recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: end)
            try recorder.record(all.filter { $0.time >= Self.start + 86_400_000 }, now: end)
            let early = all.filter { $0.time < Self.start + 86_400_000 }
            _ = try recorder.takeIn(.init(id: "i", by: "anna", files: [], reason: nil, readings: early), now: end)
            try recorder.endAbandonedImport(now: end)
            #expect(recorder.imported == early.count)
            recorder = Recorder(store: store, plant: plant, isLive: true)
            try recorder.start(now: end)
            try recorder.endAbandonedImport(now: end)
            #expect(recorder.imported == 0)
            while !recorder.isOpen || recorder.isWorkLeft {
                try recorder.openOn(for: 50, now: end)
                try recorder.workOff(for: 50, now: end)
            }
            let energy = try #require(plant.plan.indicators.firstIndex { $0.name == "energy" })
            var first: Double?
            try store.read { reader in try reader.values(energy) { first = first ?? $0.value } }
            #expect(first == 60)
            try store.close()
        }
    }
}
