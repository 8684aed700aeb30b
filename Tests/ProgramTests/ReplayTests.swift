import Foundation
import TestKit
import Testing

/// `emsd replay` run twice, and killed.
@Suite("replay, again and again")
struct ReplayTests {
    private let place: TemporaryFolder
    private let configuration: String

    init() throws {
        place = try TemporaryFolder()
        configuration = try place.write("works.yaml", RecordedWorks.configuration(alerts: place.path))
    }

    private func replay(_ readings: String..., into database: String) throws -> RunningProgram {
        try RunningProgram(
            "emsd",
            ["replay", "--config", configuration, "--readings"] + readings
                + ["--database", place.file(database), "--alerts-here", "--json"])
    }

    @Test("the same recording a second time changes nothing, neither the database nor the alert files")
    func twice() throws {
        let readings = try place.write("readings.csv", RecordedWorks(instants: 26_000).csv)
        let first = try replay(readings, into: "database").end()
        try #require(first.code == 0, "\(first.errors)")
        let before = try PlantView.database(place.file("database")).everything()
        let alerts = ["database/alerts.jsonl", "database/alerts.log"].map(place.read)
        #expect(alerts[0].contains("\"nonconformity_raised\"") && !alerts[1].isEmpty)

        let second = try replay(readings, into: "database").end()
        #expect(second.code == 0, "\(second.errors)")
        #expect(second.output.contains("\"nonconformities\":0,\"alerts\":0"), "\(second.output)")
        #expect(try PlantView.database(place.file("database")).everything() == before)
        #expect(["database/alerts.jsonl", "database/alerts.log"].map(place.read) == alerts)
    }

    @Test("in two parts, one after the other, it ends with the same as in one")
    func inParts() throws {
        let lines = RecordedWorks(instants: 20_000).csv.split(separator: "\n")
        let half = 31_000
        let first = try place.write("1.csv", lines[..<half].joined(separator: "\n") + "\n")
        let second = try place.write("2.csv", ([lines[0]] + lines[half...]).joined(separator: "\n") + "\n")
        let whole = try place.write("whole.csv", lines.joined(separator: "\n") + "\n")
        for part in [first, second] {
            let end = try replay(part, into: "parts").end()
            try #require(end.code == 0, "\(end.errors)")
        }
        try #require(try replay(whole, into: "whole").end().code == 0)
        try expectSameRecord("parts", as: "whole")
    }

    @Test("killed at any point and run again, it ends with the same, and each alert is there once")
    func killed() throws {
        let readings = try place.write("readings.csv", RecordedWorks(instants: 120_000).csv)
        let whole = try replay(readings, into: "whole").end()
        try #require(whole.code == 0, "\(whole.errors)")
        let size = written("whole")
        var kills = 0
        for share in [0.02, 0.5, 0.8, 0.95] {
            let cut = try replay(readings, into: "cut")
            try eventually("a database of \(share) of its size", every: 0.005) {
                !cut.isRunning || written("cut") >= Int(share * Double(size))
            }
            kills += cut.isRunning ? 1 : 0
            cut.slay()
        }
        #expect(kills >= 2)
        let last = try replay(readings, into: "cut").end()
        #expect(last.code == 0, "\(last.errors)")
        try expectSameRecord("cut", as: "whole")
    }

    /// How many bytes stand in a database's files.
    private func written(_ database: String) -> Int {
        ["emsd.db", "emsd.db-wal"].reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: place.file("\(database)/\(name)"))
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }

    private func expectSameRecord(_ database: String, as other: String) throws {
        let cut = PlantView.database(place.file(database))
        let whole = PlantView.database(place.file(other))
        for verb in ["indicators", "objectives", "ledger"] {
            #expect(try cut.text(verb) == whole.text(verb), "\(verb)")
        }
        #expect(try cut.text("readings", "incomer.energy") == whole.text("readings", "incomer.energy"))
        let nonconformities = try whole.rows("nc", "list")
        #expect(try cut.rows("nc", "list") == nonconformities)
        #expect(!nonconformities.isEmpty)
        try expectEachOnce(AlertLines(place.read("\(database)/alerts.jsonl")), nonconformities)
    }

    private func expectEachOnce(_ alerts: AlertLines, _ nonconformities: [PlantView.Row]) throws {
        #expect(alerts.isGapless)
        #expect(alerts.ids(of: "nonconformity_raised") == nonconformities.compactMap { $0["id"] }.sorted())
        #expect(
            alerts.ids(of: "nonconformity_cleared")
                == nonconformities.filter { $0["condition"] == "cleared" }.compactMap { $0["id"] }.sorted())
    }
}
