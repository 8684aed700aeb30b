import Conformity
import Daemon
import Foundation
import Indicators
import Listings
import Metering
import PlantAPI
import TestKit
import Testing

@testable import Reports

/// Twelve months of a works and three after them: the numbers of a textbook, whose band was computed by hand.
@Suite("The band about the sum of savings")
struct SavingsBandTests {
    private static let tonnes = [820.0, 760, 905, 940, 1010, 1100, 690, 650, 980, 1040, 990, 860, 900, 870, 1000]
    private static let energy = [412.0, 395, 438, 447, 474, 496, 371, 352, 463, 478, 467, 421, 420, 410, 455]

    private static func plant(_ folder: TemporaryFolder) -> String {
        """
        site: {name: Works, timezone: Etc/UTC}
        storage: {directory: \(folder.file("unused"))}
        links:
          l: {transport: tcp, host: 127.0.0.1}
        meters:
          m:
            link: l
            unit: 7
            interval: 12h
            max_gap: 25h
            points:
              t: {register: input 0, type: float32, unit: t, kind: gauge}
              e: {register: input 2, type: float32, unit: MWh, kind: gauge}
        indicators:
          tonnes: {window: 1mo, formula: mean(m.t), unit: t}
          energy: {window: 1mo, formula: mean(m.e), unit: MWh}
          saved: {title: Saved, model: {of: energy, drivers: [tonnes], from: 2025-01-01, to: 2026-01-01, gives: cusum}}
        """
    }

    @Test("is the uncertainty of the baseline model at 90 %: ± 10.1213 about 45.0433 after three months")
    func band() throws {
        let folder = try TemporaryFolder()
        try folder.write("emsd.yaml", Self.plant(folder))
        let calendar = try #require(SiteCalendar(identifier: "Etc/UTC"))
        var rows = ["time,point,value"]
        var time = try #require(Instant("2025-01-01T00:00:00Z"))
        let end = try #require(Instant("2026-04-01T00:00:00Z"))
        while time <= end {
            let date = calendar.date(time).components
            let month = min(14, (date.year - 2025) * 12 + date.month - 1)
            rows.append("\(time.text),m.t,\(Self.tonnes[month])")
            rows.append("\(time.text),m.e,\(Self.energy[month])")
            time = time + 43_200_000
        }
        try folder.write("readings.csv", rows.joined(separator: "\n") + "\n")
        _ = try ReplayRun(
            configuration: folder.file("emsd.yaml"), readings: [folder.file("readings.csv")],
            database: folder.file("db"), alertsHere: true
        ).run { _ in }
        let record = try PlantRecord(directory: folder.file("db"))
        let period = try ReportPeriod(from: "2026-01-01", to: "2026-03-31", now: end, calendar: calendar)
        let widths = try record.read { reader -> [Double] in
            let figures = try ReportFigures(record, reader, period, now: end)
            let saved = try #require(figures.indicators.first { $0.name == "saved" }?.definition)
            let band = try SavingsBand(of: saved, #require(saved.model), figures)
            return band.halfWidths.sorted { $0.key < $1.key }.map(\.value)
        }
        #expect(widths.count == 3 && abs(widths[2] - 10.121311) < 5e-6, "\(widths)")
        let html = String(
            decoding: try ReportFile.bytes(ReportRequest(from: "2026-01-01", to: "2026-03-31"), record), as: UTF8.self)
        let figure = try #require(html.split(separator: "<figure>").first { $0.contains("running sum of savings") })
        #expect(figure.contains("at the end 45") && figure.contains("± 10.1"), "\(figure)")
    }
}
