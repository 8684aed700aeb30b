import Foundation
import TestKit
import Testing

/// `emsd` killed again and again while it polls.
@Suite("a daemon that is killed", .serialized)
struct LiveKillTests {
    private static func plant(_ ports: [Int]) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(ports[0]), timeout: 1s}
          pump: {transport: rtu_over_tcp, host: 127.0.0.1, port: \(ports[1]), timeout: 1s}
        meters:
          incomer:
            link: hall
            unit: 1
            interval: 200ms
            points:
              power: {register: input 0, type: float32, unit: kW, kind: gauge}
              energy: {register: input 2, type: uint32, scale: 0.001, unit: kWh, kind: counter, max_rate: 2000000}
          stack:
            link: pump
            unit: 7
            interval: 250ms
            points:
              nox: {register: holding 10, type: float32, order: CDAB, unit: mg/m3, kind: gauge}
              o2: {register: holding 12, type: int16, scale: 0.1, unit: "%", kind: gauge}
              valid: {register: discrete 4, kind: state}
        derived:
          stack.nox_ref: {formula: stack.nox * (21 - 3) / (21 - stack.o2), unit: mg/m3}
        indicators:
          power_second: {window: 1s, formula: mean(incomer.power), unit: kW, grace: 1s}
          energy_two: {window: 2s, formula: delta(incomer.energy), unit: kWh, grace: 1s, min_coverage: 0.5}
          nox_second: {window: 1s, formula: mean(stack.nox_ref), unit: mg/m3, grace: 1s, while: stack.valid == 1}
          nox_five: {window: 5s, formula: mean(nox_second), unit: mg/m3, grace: 1s}
          energy_rolling: {window: 5s, every: 1s, formula: delta(incomer.energy), unit: kWh, grace: 1s, min_coverage: 0}
        objectives:
          power_limit: {indicator: power_second, max: 300, warn: 280, severity: minor}
          nox_permit: {indicator: nox_second, max: 200, for: 2, severity: major}
          duty: {indicator: power_second, available: 99%, per: 1d, severity: critical}

        """
    }

    private static let scenario = """
        seed: 11
        signals:
          incomer.power: {steps: {0s: 250, 2s: 290, 3s: 340, 5s: 200}, repeat: 6s, noise: 5}
          incomer.energy: {ramp: 500000, per: 1h, start: 1000}
          stack.nox: {line: {0s: 100, 4s: 260, 7s: 120}, repeat: 9s}
          stack.o2: {constant: 4.2, noise: 0.3}
          stack.valid: {steps: {0s: 1, 8s: 0, 9s: 1}, repeat: 10s}
        faults:
          - {meter: incomer, fault: jump, value: 0, from: 2500ms, every: 3300ms, points: [energy]}
          - {meter: incomer, fault: exception, code: 6, from: 4s, for: 600ms, every: 7s}
          - {meter: stack, fault: silent, from: 5s, for: 700ms, every: 9s}
          - {meter: stack, fault: missing, from: 3s, for: 500ms, every: 8s, points: [o2]}

        """

    private static let points = ["incomer.power", "incomer.energy", "stack.nox", "stack.o2", "stack.valid"]

    @Test("keeps every reading that was seen, says each alert once, and ends with the values of a recomputation")
    func killed() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(2)))
        let emsim = try works.simulate(Self.scenario)
        var seen: [String: Set<String>] = [:]
        // As often as SOAK_SEEDS says where it does.
        let kills = Soak.seeds.map { min(200, 8 * $0) } ?? 8
        for number in 0..<kills {
            try works.start()
            let begin = try #require(works.view.document("status")["running_since"] as? String)
            // At another moment of the recorder's round each time.
            let age = 0.4 + 0.37 * Double(number % 5)
            try eventually("readings of the new run", every: 0.02) {
                let newest = try works.newest()["stack.nox"]?["time"] ?? ""
                guard let first = Self.milliseconds(begin), let last = Self.milliseconds(newest) else { return false }
                return Double(last - first) >= age * 1000
            }
            for point in Self.points {
                seen[point, default: []].formUnion(
                    try works.view.text("readings", point).split(separator: "\n").map(String.init))
            }
            works.slay()
        }
        try works.start()
        try eventually("a window of the last run") {
            try works.view.rows("nc", "list").filter { $0["objective"] == "nox_permit" }.count >= 2
        }
        let end = try works.stop()
        #expect(end.code == 0, "\(end.errors)")
        emsim.terminate()

        for (point, rows) in seen {
            let kept = Set(try works.record.text("readings", point).split(separator: "\n").map(String.init))
            // What the counter rules make of a reading later is shown in its place: it is there, and bad.
            let gone = rows.subtracting(kept).filter { row in
                let time = row.prefix { $0 != "," }
                return !kept.contains("\(time),\(point),,bad,implausible")
            }
            #expect(gone.isEmpty, "\(point)")
            #expect(rows.count > kills)
        }
        try expectAlertsOnce(works, starts: kills + 1)
        try expectSameAsRecomputed(works)
    }

    @Test("killed without being asked, it has kept what it read, offline at once and after the next start")
    func killedUnasked() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(2)))
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        let begin = try #require(works.view.document("status")["running_since"] as? String)
        let first = try #require(Self.milliseconds(begin))
        // Beside the daemon: what it holds back is read from its tail.
        try eventually("readings of some seconds in the tail", every: 0.1) {
            let newest = try works.record.rows("points").compactMap { $0["time"] }.compactMap(Self.milliseconds).max()
            return newest.map { $0 - first >= 4000 } ?? false
        }
        works.slay()
        emsim.terminate()
        var kept: [String: [String]] = [:]
        for point in Self.points {
            kept[point] = try works.record.text("readings", point).split(separator: "\n").map(String.init)
            #expect((kept[point]?.count ?? 0) > 10, "\(point)")
        }
        try works.start()
        #expect(try works.stop().code == 0)
        for point in Self.points {
            let now = try works.record.text("readings", point).split(separator: "\n").map(String.init)
            // A counter's decision may be known by now that was not then.
            let gone = Set(kept[point] ?? []).subtracting(now).filter { row in
                !now.contains("\(row.prefix { $0 != "," }),\(point),,bad,implausible")
            }
            #expect(gone.isEmpty, "\(point)")
            #expect(Set(now.map { $0.prefix { $0 != "," } }).count == now.count, "\(point)")
        }
        #expect(works.alerts.isGapless)
    }

    private func expectAlertsOnce(_ works: LiveWorks, starts: Int) throws {
        let alerts = works.alerts
        #expect(alerts.isGapless)
        let nonconformities = try works.record.rows("nc", "list")
        #expect(alerts.ids(of: "nonconformity_raised") == nonconformities.compactMap { $0["id"] }.sorted())
        #expect(
            alerts.ids(of: "nonconformity_cleared")
                == nonconformities.filter { $0["condition"] == "cleared" }.compactMap { $0["id"] }.sorted())
        #expect(alerts.events.count { $0 == "started" } == starts)
        #expect(alerts.events.count { $0 == "stopped" } == 1)
        let recorded = try works.record.rows("alerts")
        #expect(recorded.map { $0["event"] } == alerts.events)
        #expect(
            works.place.read("alerts.log").split(separator: "\n").count
                == recorded.count { $0["severity"] != "info" })
    }

    private func expectSameAsRecomputed(_ works: LiveWorks) throws {
        let files = try Self.points.map { try works.place.write("\($0).csv", works.record.text("readings", $0)) }
        let replay = try RunningProgram(
            "emsd",
            ["replay", "--config", works.configuration, "--readings"] + files
                + ["--database", works.place.file("again"), "--alerts-here"]
        ).end()
        try #require(replay.code == 0, "\(replay.errors)")
        let again = PlantView.database(works.place.file("again"))
        // Live, time goes on after the last reading; in a replay it ends with it, and closes what ended by then.
        let last = try #require(
            works.record.rows("points").compactMap { $0["time"] }.compactMap(Self.milliseconds).max())
        for (verb, columns) in [
            ("indicators", ["value", "unit", "status", "coverage"]), ("objectives", ["verdict", "value", "limit"]),
        ] {
            let live = try Self.table(works.record.rows(verb), columns)
            let recomputed = try Self.table(again.rows(verb), columns)
            #expect(live.count > 30)
            for (key, value) in live where Self.end(key) <= last {
                #expect(recomputed[key] == value, "\(verb) \(key)")
            }
            for key in recomputed.keys where Self.end(key) <= last - 3000 {
                #expect(live[key] != nil, "\(verb) \(key)")
            }
        }
        func raised(_ view: PlantView) throws -> [String] {
            try view.rows("nc", "list").filter { (Self.milliseconds($0["raised_at"] ?? "") ?? 0) <= last - 3000 }
                .map {
                    "\($0["objective"] ?? "") \($0["onset"] ?? "") \($0["raised_at"] ?? "") \($0["severity"] ?? "")"
                }
                .sorted()
        }
        #expect(try raised(works.record) == raised(again))
        // The readings of a glitch are exported as what they were found to be: there is nothing left to decide.
        func decided(_ view: PlantView) throws -> [String] {
            try view.rows("ledger").filter { $0["entry"] != "glitch" }
                .map { "\($0["point"] ?? "") \($0["time"] ?? "") \($0["entry"] ?? "")" }
        }
        let (ours, recomputed) = (try decided(works.record), try decided(again))
        #expect(ours == recomputed, "\(Set(ours).symmetricDifference(recomputed).sorted())")
    }

    /// Rows by name, start and end; flags without what depends on when a reading was known.
    private static func table(_ rows: [PlantView.Row], _ columns: [String]) throws -> [String: [String]] {
        Dictionary(
            rows.map { row in
                let name = row["indicator"] ?? row["objective"] ?? ""
                let flags = (row["flags"] ?? "").split(separator: " ").filter { $0 != "revised" }.joined(separator: " ")
                return ("\(name) \(row["start"] ?? "") \(row["end"] ?? "")", columns.map { row[$0] ?? "" } + [flags])
            }
        ) { first, _ in first + ["twice"] }
    }

    private static func end(_ key: String) -> Int { milliseconds(String(key.split(separator: " ").last ?? "")) ?? .max }

    static func milliseconds(_ text: String) -> Int? {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return (try? Date(text, strategy: format)).map { Int(($0.timeIntervalSince1970 * 1000).rounded()) }
    }
}
