import Daemon
import Foundation
import Listings
import PlantAPI
import TestKit

/// A small plant recorded by a replay: a counter with a glitch and a reset, a gauge that breaks its limit for two
/// hours.
struct RecordedPlant {
    let folder: TemporaryFolder

    var directory: String { folder.file("db") }

    /// `meters`: more lines under `meters` of its configuration; `title`: of its objective; `isEmpty`: nothing was read.
    init(meters: String = "", title: String = "NOx below the limit", isEmpty: Bool = false) throws {
        folder = try TemporaryFolder()
        try folder.write("emsd.yaml", RecordedPlant.configuration(folder, meters, title))
        var rows = ["time,point,value,quality"]
        for minute in stride(from: 0, through: 360, by: 15) {
            let time = "2026-01-10T\(RecordedPlant.clock(minute))Z"
            let level = (120..<240).contains(minute) ? 250 : 100
            rows.append("\(time),stack.nox,\(level),good")
            let energy = minute == 60 ? 999_999 : 1000 + minute
            rows.append("\(time),stack.energy,\(energy),\(minute == 30 ? "uncertain" : "good")")
        }
        rows.append("2026-01-10T06:05:00Z,stack.nox,,bad")
        if isEmpty { rows.removeLast(rows.count - 1) }
        try folder.write("readings.csv", rows.joined(separator: "\n") + "\n")
        _ = try ReplayRun(
            configuration: folder.file("emsd.yaml"), readings: [folder.file("readings.csv")], database: directory,
            alertsHere: true
        ).run { _ in }
    }

    /// What an query is answered offline.
    func answer(_ query: ListingQuery) throws -> String {
        var text = ""
        _ = try PlantRecord(directory: directory).answer(query) { text += String(decoding: $0, as: UTF8.self) }
        return text
    }

    private static func clock(_ minute: Int) -> String {
        let hours = minute / 60
        let minutes = minute % 60
        return (hours < 10 ? "0" : "") + "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):00"
    }

    private static func configuration(_ folder: TemporaryFolder, _ meters: String, _ title: String) -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        storage: {directory: \(folder.file("unused"))}
        alerts:
          - {path: /nowhere/alerts.jsonl, format: json}
          - {path: /nowhere/alerts.log, format: text, minimum: major}
        links:
          l: {transport: tcp, host: 127.0.0.1}
        meters:
          stack:
            title: Boiler stack
            link: l
            unit: 7
            interval: 15m
            points:
              nox: {register: input 0, type: float32, unit: mg/m3, kind: gauge}
              energy: {register: input 2, type: float32, unit: kWh, kind: counter, max_rate: 200}
        \(meters)derived:
          stack.twice: {formula: stack.nox * 2, unit: mg/m3}
        indicators:
          nox_hour: {window: 1h, formula: mean(stack.nox), unit: mg/m3}
          energy_hour: {window: 1h, formula: delta(stack.energy), unit: kWh}
        objectives:
          nox_limit: {title: \(title), indicator: nox_hour, max: 200, severity: major, reference: Permit 1}
        """
    }
}
