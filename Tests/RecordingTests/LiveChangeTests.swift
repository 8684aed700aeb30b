import Conformity
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

/// A live recorder at work over a store, with a manual clock: pieces as small as they can be, changes and kills.
private final class LiveChanges {
    let store: PlantStore
    private let directory: String
    private(set) var plant: Plant
    private var recorder: Recorder
    /// What a tail would give back after a kill.
    private var unstored: [(String, Instant, Double)] = []
    private var now = Instant.distantPast

    init(_ directory: String, _ configuration: String) throws {
        self.directory = directory
        plant = try FinalRecord.plant(configuration, in: directory)
        store = try PlantStore(directory: directory + "/live", access: .owner(create: true, sync: .normal))
        recorder = Recorder(store: store, plant: plant, isLive: true)
        recorder.slice = 40
        try recorder.start(now: Instant(milliseconds: 0))
    }

    private func readings(_ named: [(String, Instant, Double)]) -> [Reading] {
        let indexes = Dictionary(
            plant.plan.points.enumerated().map { ($1.name, PointIndex($0)) }, uniquingKeysWith: { a, _ in a })
        return named.compactMap { name, time, value in indexes[name].map { Reading($0, time, value) } }
    }

    /// One round of the recording thread.
    func round(_ new: [(String, Instant, Double)] = []) throws {
        unstored += new
        recorder.hold(readings(new))
        now = max(now, new.last?.1 ?? now)
        try recorder.openOn(for: 0, now: now)
        guard recorder.isOpen else { return }
        recorder.holdOn(to: now)
        if recorder.isCommitDue { try commit() }
        try recorder.workOff(for: 0, now: now)
    }

    private func commit() throws {
        try recorder.commit(now: now, through: now)
        if !recorder.holdsAny { unstored = [] }
    }

    func change(_ configuration: String) throws -> Int {
        var rounds = 0
        while !recorder.isOpen || recorder.isWorkLeft {
            try round()
            rounds += 1
        }
        let next = try FinalRecord.plant(configuration, in: directory)
        try commit()
        let successor = Recorder(store: store, plant: next, isLive: true)
        successor.slice = 40
        try successor.succeed(recorder, from: now, now: now, load: ConfigurationLoad(.reload, by: "anna"))
        (recorder, plant) = (successor, next)
        return rounds
    }

    /// Ends it as a power cut would, and starts it again.
    func kill() throws {
        recorder = Recorder(store: store, plant: plant, isLive: true)
        recorder.slice = 40
        try recorder.start(now: now)
        recorder.hold(readings(unstored))
    }

    func finish() throws {
        try recorder.finish()
        while recorder.isWorkLeft { try recorder.workOff(for: 0, now: now) }
        try recorder.finish()
    }
}

@Suite("Configurations that come into force while readings come in")
struct LiveChangeTests {
    private static let start = Instant(milliseconds: 1_790_812_800_000)  // 2026-10-01T00:00:00Z

    private static func plant(_ indicators: String, _ objectives: String = "{}", meters: String? = nil) -> String {
        let points =
            "p: {kind: gauge, unit: kW}, e: {kind: counter, unit: kWh, max_rate: 500}, s: {kind: state}"
        return """
            site: {name: Test works, timezone: Europe/Stockholm}
            meters: \(meters ?? "{m: {interval: 1m, points: {\(points)}}}")
            indicators: {\(indicators)}
            objectives: \(objectives)
            """
    }

    private static let quarter = "a: {window: 15m, formula: mean(m.p), unit: kW}"

    /// Kinds of change, each a chain of configurations.
    static let chains: [(name: String, configurations: [String])] = [
        (
            "an indicator and an objective are added",
            [
                plant(quarter),
                plant(
                    quarter + ", n: {window: 30m, formula: max(m.p) - min(m.p)}, d: {window: 2h, formula: mean(n)}",
                    "{o: {indicator: n, max: 6, for: 2}, day: {indicator: d, max: 4}}"),
            ]
        ),
        (
            "a budget begins within its period",
            [
                plant(quarter),
                plant(
                    quarter + ", h: {window: 1h, formula: delta(m.e), unit: kWh}",
                    "{b: {indicator: h, budget: 300, per: 1d}}"),
            ]
        ),
        (
            "an objective is renamed with was, then without",
            [
                plant(quarter, "{o: {indicator: a, max: 12, for: 2}}"),
                plant(quarter, "{o2: {was: o, indicator: a, max: 12, for: 2}}"),
                plant(quarter, "{o3: {indicator: a, max: 12, for: 2}}"),
            ]
        ),
        (
            "a limit goes up and down",
            [
                plant(quarter, "{o: {indicator: a, max: 12, for: 2, clear_after: 2}}"),
                plant(quarter, "{o: {indicator: a, max: 14, for: 2, clear_after: 2}}"),
                plant(quarter, "{o: {indicator: a, max: 11, for: 2, clear_after: 2}}"),
            ]
        ),
        (
            "a window grows and shrinks",
            [
                plant(quarter, "{o: {indicator: a, max: 12}}"),
                plant("a: {window: 1h, formula: mean(m.p), unit: kW}", "{o: {indicator: a, max: 12}}"),
                plant(quarter, "{o: {indicator: a, max: 12}}"),
            ]
        ),
        (
            "a unit changes",
            [
                plant("h: {window: 1h, formula: delta(m.e), unit: kWh}", "{b: {indicator: h, budget: 300, per: 1d}}"),
                plant(
                    "h: {window: 1h, formula: delta(m.e) / 1000, unit: MWh}",
                    "{b: {indicator: h, budget: 0.3, per: 1d}}"),
            ]
        ),
        (
            "a dated formula restates the past, by what others are computed from it",
            [
                plant(quarter + ", d: {window: 4h, formula: mean(a)}", "{o: {indicator: a, max: 12, for: 2}}"),
                plant(
                    "a: {window: 15m, unit: kW, formula: [mean(m.p), "
                        + "{from: 2026-10-01T02:00:00+02:00, formula: mean(m.p) * 2}]}, "
                        + "d: {window: 4h, formula: mean(a)}", "{o: {indicator: a, max: 12, for: 2}}"),
            ]
        ),
        (
            "a counter's rules change",
            [
                plant("h: {window: 1h, formula: delta(m.e)}"),
                plant(
                    "h: {window: 1h, formula: delta(m.e)}",
                    meters:
                        "{m: {interval: 1m, points: {p: {kind: gauge}, e: {kind: counter, unit: kWh, max_rate: 50}}}}"),
            ]
        ),
        (
            "a meter and a point go and are renamed",
            [
                plant(quarter + ", h: {window: 1h, formula: delta(m.e)}", "{o: {indicator: a, max: 12}}"),
                plant(
                    "a: {window: 15m, formula: mean(n.p), unit: kW}", "{o: {indicator: a, max: 12}}",
                    meters: "{n: {was: m, interval: 1m, points: {p: {kind: gauge, unit: kW}}}}"),
                plant(
                    "a: {window: 15m, formula: mean(n.load), unit: kW}", "{o: {indicator: a, max: 12}}",
                    meters: "{n: {interval: 1m, points: {load: {was: p, kind: gauge, unit: kW}}}}"),
            ]
        ),
        (
            "A to B to A",
            [
                plant(quarter, "{o: {indicator: a, max: 12, for: 2}}"),
                plant("a: {window: 15m, formula: max(m.p), unit: kW}", "{o: {indicator: a, max: 12, for: 2}}"),
                plant(quarter, "{o: {indicator: a, max: 12, for: 2}}"),
            ]
        ),
    ]

    /// A minute's readings, under whatever names the points have.
    private static func readings(_ minute: Int) -> [(String, Instant, Double)] {
        let time = start + Int64(minute) * 60_000
        let load = Double((minute / 45) % 3 * 5 + minute % 4)
        return ["m.p", "n.p", "n.load"].map { ($0, time, load) }
            + [
                ("m.e", time + 500, 1000 + Double(minute) * (minute > 400 && minute < 500 ? 1.02 : 1)),
                ("m.s", time, 1),
            ]
    }

    @Test(
        "the end is that of a replay with the same chain, whatever is computed in pieces, and killed anywhere",
        arguments: chains.indices)
    func alike(chain: Int) throws {
        var numbers = SeededNumbers(seed: 154 &+ UInt64(chain))
        let configurations = Self.chains[chain].configurations
        try FinalRecord.inDirectory { directory in
            let live = try LiveChanges(directory, configurations[0])
            let replay = try ChangingWorks(directory, configurations[0])
            var minute = 0
            var rounds = 0
            for (place, configuration) in configurations.enumerated() {
                if place > 0 {
                    rounds += try live.change(configuration)
                    try replay.change(configuration)
                }
                let until = minute + Int.random(in: 230...420, using: &numbers)
                try replay.record((minute..<until).flatMap(Self.readings))
                while minute < until {
                    let count = min(Int.random(in: 1...9, using: &numbers), until - minute)
                    try live.round((minute..<minute + count).flatMap(Self.readings))
                    minute += count
                    if Int.random(in: 0..<12, using: &numbers) == 0 { try live.kill() }
                }
            }
            try live.finish()
            let ends = [
                try FinalRecord.lines(live.store, live.plant), try FinalRecord.lines(replay.store, replay.plant),
            ]
            #expect(!ends[0].isEmpty)
            let name = Self.chains[chain].name
            #expect(FinalRecord.differences(ends[0], ends[1]).prefix(8) == [], "\(name)")
            // A past that is computed in pieces is no revision.
            if chain < 2 { #expect(try Self.revisions(live.store, live.plant) == [], "\(name)") }
            try live.store.close()
            try replay.store.close()
        }
    }

    private static func revisions(_ store: PlantStore, _ plant: Plant) throws -> [String] {
        try store.read { reader in
            var revised: [String] = []
            for (index, indicator) in plant.plan.indicators.enumerated() {
                try reader.values(index) { if $0.revision > 1 { revised.append("\(indicator.name) \($0.window.end)") } }
            }
            return revised
        }
    }
}
