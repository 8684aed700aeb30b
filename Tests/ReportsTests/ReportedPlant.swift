import Daemon
import Foundation
import Listings
import Metering
import PlantAPI
import PlantConfiguration
import Recording
import Reports
import Storage
import TestKit

/// Two days of a stack in half-hours, whose figures can be counted by hand.
///
/// 10 January: 42 half-hours of 95, four of 250 (02:00 to 04:00), two lost (05:00 to 06:00). 11 January: 40 of 100, eight of 181.
struct ReportedPlant {
    let folder: TemporaryFolder

    var record: PlantRecord { get throws { try PlantRecord(directory: folder.file("db")) } }

    /// The plant with its two limits, or with other objectives on `nox_half_hour`.
    init(objectives: String? = nil) throws {
        folder = try TemporaryFolder()
        try folder.write("emsd.yaml", ReportedPlant.configuration(folder, objectives))
        var rows = ["time,point,value,quality"]
        // Local midnight of 10 January in Stockholm.
        let start = 1_767_999_600
        for step in 0...(96 * 3) {
            let half = step / 3
            let value = half >= 96 ? 100 : half >= 88 ? 181 : half >= 48 ? 100 : (4..<8).contains(half) ? 250 : 95
            let time = ReportedPlant.text(start + step * 600)
            rows.append(half == 10 || half == 11 ? "\(time),stack.nox,,bad" : "\(time),stack.nox,\(value),good")
            rows.append("\(time),incomer.energy,\(1000 + step),good")
        }
        try folder.write("readings.csv", rows.joined(separator: "\n") + "\n")
        _ = try ReplayRun(
            configuration: folder.file("emsd.yaml"), readings: [folder.file("readings.csv")],
            database: folder.file("db"),
            alertsHere: true
        ).run { _ in }
    }

    /// What a request makes of it.
    func html(_ form: ReportRequest.Form? = nil) throws -> String {
        let request = ReportRequest(from: "2026-01-10", to: "2026-01-11", form: form)
        return String(decoding: try ReportFile.bytes(request, record), as: UTF8.self)
    }

    /// Lets people tell something a day after its end.
    @discardableResult
    func tell<Told>(_ telling: (Recorder, Instant) throws -> Told) throws -> Told {
        guard let loaded = PlantLoader.load(path: folder.file("emsd.yaml")).plant else {
            throw CommandError(.configuration, "the plant cannot be loaded")
        }
        let store = try PlantStore(directory: folder.file("db"), access: .owner(create: false, sync: .normal))
        defer { try? store.close() }
        let recorder = Recorder(store: store, plant: loaded, isLive: false)
        try recorder.start()
        return try telling(recorder, Instant(milliseconds: 1_768_260_000_000))
    }

    /// The rows of the figures about nonconformities.
    func kpi() throws -> [String] {
        var answer: [UInt8] = []
        _ = try record.answer(ListingQuery(.kpi, format: .csv)) { answer += $0 }
        return String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func text(_ second: Int) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: TimeInterval(second)))
    }

    private static func configuration(_ folder: TemporaryFolder, _ objectives: String?) -> String {
        """
        site: {name: "Works <b>&co</b>", timezone: Europe/Stockholm}
        storage: {directory: \(folder.file("unused"))}
        links:
          l: {transport: tcp, host: 127.0.0.1}
        meters:
          stack:
            title: Boiler stack
            link: l
            unit: 7
            interval: 10m
            points:
              nox: {register: input 0, type: float32, unit: mg/m3, kind: gauge}
              # Its name begins the name above it, and nothing reads it.
              no: {register: input 2, type: float32, unit: mg/m3, kind: gauge}
          incomer:
            title: Main incomer
            link: l
            unit: 8
            interval: 10m
            points:
              energy: {register: input 0, type: float32, unit: kWh, kind: counter, max_rate: 200}
        indicators:
          nox_half_hour: {title: NOx, window: 30m, formula: mean(stack.nox), unit: mg/m3}
          energy_hour: {title: Electricity, window: 1h, formula: delta(incomer.energy), unit: kWh}
        objectives:
        \(objectives ?? limits)
        """
    }

    private static let limits = """
          nox_permit:
            {title: NOx, indicator: nox_half_hour, max: 200, warn: 180, severity: major, reference: "Permit 1", responsible: Anna}
          nox_highest: {title: NOx A, indicator: nox_half_hour, max: 240, severity: major}
        """
}
