import Conformity
import DatabaseFile
import Evidence
import Foundation
import GRDB
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Recording
import Storage
import StoreComparison
import Testing

@testable import Verification

@Suite("The check of a record that time has worked on")
struct VerificationTests {
    private static let day: Int64 = 86_400_000
    private static let start = Instant(milliseconds: 1_780_272_000_000)

    private static func configuration(_ rest: String) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        meters:
          m: {interval: 5m, points: {power: {kind: gauge, unit: kW, max_gap: 15m}, energy: {kind: counter, unit: kWh, max_rate: 500}}}
        \(rest)
        """
    }

    /// One after the other: another limit, another formula and a name less, a name more.
    private static let configurations = [
        """
        indicators:
          power: {window: 30m, formula: mean(m.power), unit: kW}
          used: {window: 1h, formula: delta(m.energy), unit: kWh}
          gone: {window: 1h, formula: max(m.power), unit: kW}
        objectives:
          limit: {indicator: power, max: 90}
        """,
        """
        indicators:
          power: {window: 30m, formula: mean(m.power), unit: kW}
          used: {window: 1h, formula: delta(m.energy) * 1000, unit: kWh}
        objectives:
          limit: {indicator: power, max: 95, severity: major}
        """,
        """
        indicators:
          mean_power: {window: 30m, formula: mean(m.power), unit: kW, was: power}
          used: {window: 1h, formula: delta(m.energy) * 1000, unit: kWh}
          day: {window: 1d, formula: sum(used), unit: kWh}
        objectives:
          limit: {indicator: mean_power, max: 95, severity: major}
        """,
    ]

    /// Six days over three configurations, with rows that come late, sealed day by day, in small chunks.
    private func record(_ directory: String) throws -> PlantStore {
        let store = try PlantStore(
            directory: directory + "/db", access: .owner(create: true, sync: .normal), sealing: SealingRule(span: 0))
        var energy = 1000.0
        for (place, rest) in Self.configurations.enumerated() {
            let plant = try FinalRecord.plant(Self.configuration(rest), in: directory)
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start(load: ConfigurationLoad(.replay, by: "anna", reason: "change \(place)"))
            for quarter in Int64(0)..<2 * 96 {
                let at = Self.start + Int64(place) * 2 * Self.day + quarter * 900_000
                try recorder.record(
                    (Int64(0)..<3).flatMap { step -> [Reading] in
                        energy += 5
                        let load = 80 + Double((quarter / 7) % 4) * 8
                        return [Reading(0, at + step * 300_000, load), Reading(1, at + step * 300_000, energy)]
                    })
            }
            // Late: it belongs into a window that is closed.
            try recorder.record([Reading(0, Self.start + Int64(place) * 2 * Self.day + 36_060_000, 400)])
            try recorder.finish()
        }
        try SealedWorks.seal(store, now: Self.start + 8 * Self.day)
        return store
    }

    private func check(_ store: PlantStore) throws -> CheckReport { try RecordVerification(store).run() }

    @Test("finds no difference over three configurations, nor in a part that one configuration made")
    func configurations() throws {
        try FinalRecord.inDirectory { directory in
            let store = try record(directory)
            let report = try check(store)
            #expect(report.holds, "\(report.text)")
            #expect(report.days >= 6 && report.revisions > 0 && report.nonconformities > 0, "\(report.text)")
            let part = Window(start: Self.start + 42 * Self.day / 10, end: Self.start + 9 * Self.day)
            let ofPart = try RecordVerification(store, part: part).run()
            #expect(ofPart.holds, "\(ofPart.text)")
        }
    }

    @Test("knows what has a name now from what had it before, where a name went and came back")
    func nameThatCameBack() throws {
        try FinalRecord.inDirectory { directory in
            let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
            let names = ["power: {", "mean_power: {was: power, ", "power: {"]
            for (place, name) in names.enumerated() {
                let rest = "indicators: {\(name)window: 1h, formula: max(m.power), unit: kW}}"
                let plant = try FinalRecord.plant(Self.configuration(rest), in: directory)
                let recorder = Recorder(store: store, plant: plant, isLive: false)
                try recorder.start(load: ConfigurationLoad(.replay, by: "anna"))
                let begin = Self.start + Int64(place) * Self.day
                try recorder.record((0..<280).map { Reading(0, begin + $0 * 300_000, Double($0 % 7)) })
                // Late, in the time of each definition so far: it is the last one's twice, and the one's before.
                let late = (0...place).map { Self.start + Int64($0) * Self.day + 7_260_000 + Int64(place) }
                try recorder.record(late.map { Reading(0, $0, 90 + Double(place)) })
                try recorder.finish()
            }
            let report = try check(store)
            #expect(report.holds && report.revisions > 3, "\(report.text)")
        }
    }

    @Test("names what is gone by rule, readings alone or values too, and holds", arguments: [nil, 3 * day])
    func thinned(_ indicators: Int64?) throws {
        try FinalRecord.inDirectory { directory in
            let store = try record(directory)
            let plant = try FinalRecord.plant(
                Self.configuration("storage: {retention: {readings: 2d}}\n" + Self.configurations[2]), in: directory)
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start(load: ConfigurationLoad(.replay, by: "anna", reason: "room"))
            try recorder.finish()
            let now = try #require(try store.read { try $0.clock() })
            while try !store.tidy(now: now, readings: 2 * Self.day, indicators: indicators).isDone {}
            let report = try check(store)
            #expect(report.holds, "\(report.text)")
            #expect(report.deleted > 0 && report.text.contains("deleted after their retention"), "\(report.text)")
        }
    }

    @Test("names the hole that a salvage left, and holds")
    func salvaged() throws {
        try FinalRecord.inDirectory { directory in
            let store = try record(directory)
            try store.connection.write { database in
                try database.execute(sql: "UPDATE chunk SET checksum = checksum + 1 WHERE id IN (5, 6)")
            }
            #expect(try !check(store).holds)
            try store.close()
            let salvage = try SalvageRun.run(directory + "/db", output: directory + "/new")
            #expect(!salvage.isWhole)
            let report = try check(PlantStore(directory: directory + "/new", access: .readOnly))
            #expect(report.holds, "\(report.text)")
            #expect(report.text.contains("lost with a damaged file"))
        }
    }

    @Test("a page of verdicts that cannot be read is a fault of the record's file, and says what to do")
    func unreadablePage() throws {
        try FinalRecord.inDirectory { directory in
            let store = try record(directory)
            let path = store.path
            let (page, size) = try store.connection.read { database in
                (
                    try #require(
                        try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'verdict'")),
                    try #require(try Int.fetchOne(database, sql: "PRAGMA page_size"))
                )
            }
            try store.close()
            try FileManager.default.createDirectory(
                atPath: directory + "/scratch", withIntermediateDirectories: true)
            let scratch = try PlantStore.scratch(
                in: directory + "/scratch", over: PlantStore(directory: directory + "/db", access: .readOnly),
                from: RecordSeed())
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: UInt64((page - 1) * size))
            try file.write(contentsOf: Data(repeating: 0xA5, count: size))
            try file.close()
            let fault = #expect(throws: StoreFault.self) { try scratch.compare(.verdict) { _ in } }
            #expect(fault?.kind == .corrupt)
            #expect(fault?.message.contains("\(path) is damaged") == true)
            #expect(fault?.message.contains("restore a backup") == true)
        }
    }
}
