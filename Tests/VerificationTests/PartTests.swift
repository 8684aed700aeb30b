import Evidence
import Foundation
import GRDB
import Metering
import PlantConfiguration
import RecordKeeping
import RecordKit
import Recording
import Storage
import TestKit
import Testing

@testable import Verification

@Suite("The check of a part of a record")
struct PartTests {
    private static let day: Int64 = 86_400_000
    static let start = Instant(milliseconds: 1_780_272_000_000)  // 2026-06-01T00:00:00Z

    /// Three configurations: the second renames a meter, a point, an indicator and an objective, and changes a formula and a
    /// limit; the third gives the freed names to other things, has what is new with a past, and renames once more.
    private static let configurations = [
        """
        meters:
          m: {interval: 5m, points: {power: {kind: gauge, unit: kW, max_gap: 15m}, energy: {kind: counter, unit: kWh, max_rate: 500}}}
        indicators:
          power: {window: 30m, formula: mean(m.power), unit: kW}
          used: {window: 1h, formula: delta(m.energy), unit: kWh}
          gone: {window: 1h, formula: max(m.power), unit: kW}
        objectives:
          limit: {indicator: power, max: 90, for: 2, clear_after: 2}
          budget: {indicator: used, budget: 900, per: 1d}
        """,
        """
        meters:
          n: {was: m, interval: 5m, points: {power: {kind: gauge, unit: kW, max_gap: 15m}, count: {was: energy, kind: counter, unit: kWh, max_rate: 500}}}
        indicators:
          mean_power: {window: 30m, formula: mean(n.power), unit: kW, was: power}
          used: {window: 1h, formula: delta(n.count) * 1000, unit: Wh}
          peak: {window: 2h, formula: max(n.power), unit: kW}
        objectives:
          ceiling: {indicator: mean_power, max: 95, for: 2, clear_after: 2, severity: major, was: limit}
          budget: {indicator: used, budget: 900000, per: 1d}
        """,
        """
        meters:
          n: {interval: 5m, points: {power: {kind: gauge, unit: kW, max_gap: 15m}, count: {kind: counter, unit: kWh, max_rate: 500}}}
        indicators:
          mean_power: {window: 30m, formula: mean(n.power), unit: kW}
          power: {window: 1h, formula: min(n.power), unit: kW}
          consumption: {window: 1h, formula: delta(n.count) * 1000, unit: Wh, was: used}
          day: {window: 1d, formula: sum(consumption), unit: Wh}
        objectives:
          ceiling: {indicator: mean_power, max: 95, for: 2, clear_after: 2, severity: major}
          limit: {indicator: power, max: 85}
          budget: {indicator: consumption, budget: 900000, per: 1d}
        """,
    ]

    struct Works {
        let store: PlantStore
        /// From when on each configuration is in force.
        let since: [Instant]
        let end: Instant
    }

    /// Three days, each with readings that come late, a meter's exchange, and episodes over the changes.
    static func works(_ directory: String) throws -> Works {
        let store = try PlantStore(directory: directory + "/db", access: .owner(create: true, sync: .normal))
        var energy = 1000.0
        for (place, rest) in Self.configurations.enumerated() {
            let begin = Self.start + Int64(place) * Self.day + Int64(place) * 5 * 3_600_000
            let plant = try FinalRecord.plant(
                "site: {name: Test works, timezone: Europe/Stockholm}\n" + rest, in: directory)
            let recorder = Recorder(store: store, plant: plant, isLive: false)
            try recorder.start(load: ConfigurationLoad(.replay, by: "anna", reason: "change \(place)"))
            if place == 0 {
                try store.write { writer in
                    let exchange = DeclaredExchange(
                        point: "m.energy", time: begin + 36_000_000, closing: 1601, opening: 5, by: "anna", at: begin)
                    try DeclaredExchange.keep([exchange], in: writer)
                }
                try recorder.start(load: ConfigurationLoad(.replay, by: "anna"))
            }
            let steps = (Self.day + 5 * 3_600_000) / 300_000
            for first in stride(from: 0, to: steps, by: 36) {
                try recorder.record(
                    (first..<min(first + 36, steps)).flatMap { step -> [Reading] in
                        energy = step == 120 && place == 0 ? 10 : energy + 5
                        let load = 80 + Double((step / 21) % 4) * 8
                        return [
                            Reading(0, begin + step * 300_000, load),
                            Reading(1, begin + step * 300_000, step == 77 ? 1e6 : energy),
                        ]
                    })
            }
            // They belong into windows that are closed, the last one into the time of the configuration before.
            let late = [4 * 3_600_000 + 60_000, 13 * 3_600_000 + 60_000, -7 * 3_600_000 + 60_000]
            try recorder.record(late.map { Reading(0, begin + Int64($0), 400) }.filter { $0.time > Self.start })
            try recorder.finish()
            try SealedWorks.seal(store, now: begin + Self.day)
        }
        return try store.read { reader in
            Works(
                store: store, since: try reader.configurations().map(\.since), end: try #require(try reader.clock()))
        }
    }

    private func check(_ store: PlantStore, _ part: Window?) throws -> CheckReport {
        try RecordVerification(store, part: part).run()
    }

    @Test("holds wherever it begins and ends over renamings, wherever the names are given to other things")
    func parts() throws {
        try FinalRecord.inDirectory { directory in
            let works = try Self.works(directory)
            let whole = try check(works.store, nil)
            #expect(whole.holds && whole.revisions > 3 && whole.nonconformities > 2, "\(whole.text)")
            #expect(whole.days >= 3, "\(whole.text)")
            let renamed = try works.store.read { try $0.renamings() }
            #expect(renamed.map(\.old) == ["power", "m", "limit", "m.energy", "m.power", "used"], "\(renamed)")
            var numbers = SeededNumbers(seed: 13)
            var parts = [
                Window(start: works.since[1], end: works.since[2]), Window(start: works.since[1] - 1, end: works.end),
                Window(start: works.since[2], end: works.end + Self.day),
                Window(start: Self.start - Self.day, end: works.since[1] + 1),
            ]
            for _ in 0..<8 {
                let minutes = Int.random(in: 0..<Int((works.end - Self.start) / 60_000), using: &numbers)
                let length = Int.random(in: 20..<2500, using: &numbers)
                let from = Self.start + Int64(minutes) * 60_000
                parts.append(Window(start: from, end: from + Int64(length) * 60_000))
            }
            for part in parts {
                let report = try check(works.store, part)
                #expect(report.holds, "\(part.start.text) to \(part.end.text): \(report.text)")
            }
        }
    }

    @Test("finds what was changed within it, and claims nothing about what lies outside")
    func tampered() throws {
        try FinalRecord.inDirectory { directory in
            let works = try Self.works(directory)
            let place = works.since[1] + 9 * 3_600_000
            let here = "WHERE \"end\" > \(place.milliseconds) AND \"end\" <= \(place.milliseconds + 1_800_000)"
            let changes = [
                "UPDATE value SET value = value + 1 \(here) AND value IS NOT NULL",
                "UPDATE verdict SET verdict = CASE verdict WHEN 0 THEN 2 ELSE 0 END \(here)",
            ]
            for change in changes {
                try works.store.connection.write { database in
                    try database.execute(
                        sql: """
                            CREATE TEMP TABLE was AS SELECT * FROM value;
                            CREATE TEMP TABLE judged AS SELECT * FROM verdict;
                            """)
                    try database.execute(sql: change)
                    #expect(database.changesCount > 0, "\(change)")
                }
                let within = try check(works.store, Window(start: place - 7_200_000, end: place + 7_200_000))
                #expect(!within.holds, "\(change)")
                for part in [
                    Window(start: Self.start, end: place), Window(start: place + 1_800_000, end: works.end),
                ] {
                    let report = try check(works.store, part)
                    #expect(report.holds, "\(change): \(report.text)")
                }
                try works.store.connection.write { database in
                    try database.execute(
                        sql: """
                            DELETE FROM value; INSERT INTO value SELECT * FROM was; DROP TABLE was;
                            DELETE FROM verdict; INSERT INTO verdict SELECT * FROM judged; DROP TABLE judged;
                            """)
                }
            }
            #expect(try check(works.store, nil).holds)
        }
    }
}
