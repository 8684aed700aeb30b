import Foundation
import Testing

/// What was recorded is restated by a running daemon that is killed in the middle of it.
@Suite("a restatement that is killed", .serialized)
struct RestatementKillTests {
    private static let days = 8
    /// The first reading, in seconds since 1970; the last is of today.
    private static let start = Int(Date().timeIntervalSince1970) / 86_400 * 86_400 - days * 86_400

    private static func text(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    private static var recording: String {
        var lines = ["time,point,value,quality"]
        for number in 0...days * 288 {
            let time = text(start + number * 300)
            lines.append("\(time),m.p,\(40 + number * 7 % 50),good")
            lines.append("\(time),m.e,\(1000 + number * 5),good")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func plant(port: Int, formula: String = "mean(m.p)", max: Int = 80) -> String {
        """
        links: {bus: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}}
        meters:
          m:
            link: bus
            unit: 1
            interval: 1h
            points:
              p: {register: input 0, type: float32, unit: kW, kind: gauge, max_gap: 10m}
              e: {register: input 2, type: uint32, unit: kWh, kind: counter, max_rate: 500, max_gap: 10m}
        indicators:
          five: {window: 5m, formula: \(formula), unit: kW}
          day: {window: 1d, formula: sum(five), unit: kW}
          energy: {window: 1h, formula: delta(m.e), unit: kWh}
        objectives:
          limit: {indicator: five, max: \(max), for: 2}
          month: {indicator: five, budget: 100000, per: 1mo, severity: minor}
          duty: {indicator: energy, available: 90%, per: 1d}

        """
    }

    /// What a plant says of the windows that end before today, whatever was said of them before.
    private static func finals(_ view: PlantView) throws -> Set<String> {
        let end = text(start + days * 86_400)
        var finals: Set<String> = []
        func take(_ verb: [String], _ columns: [String]) throws {
            for row in try view.rows(verb + ["--since", text(start), "--until", end]) {
                finals.insert(verb[0] + " " + columns.map { "\(row[$0] ?? "?")" }.joined(separator: " "))
            }
        }
        try take(["indicators"], ["indicator", "start", "end", "value", "status", "coverage"])
        try take(["objectives"], ["objective", "start", "end", "verdict", "value", "limit"])
        // What the restatement put right stays on record.
        for row in try view.rows("nc", "list") where (row["onset"] ?? "") < end && row["remark"] != "revised" {
            finals.insert("nc \(row["objective"] ?? "?") \(row["onset"] ?? "?")")
        }
        return finals
    }

    @Test("goes on after each kill, and ends as if the formula had stood there from the start")
    func killed() throws {
        let port = try FreePort.some(1)[0]
        let date = Self.text(Self.start + 2 * 86_400)
        let dated = "[{formula: mean(m.p)}, {from: \"\(date)\", formula: 1.2 * mean(m.p)}]"
        let works = try LiveWorks(Self.plant(port: port), timezone: "UTC")
        let csv = try works.place.write("recording.csv", Self.recording)
        let replay = try RunningProgram(
            "emsd",
            ["replay", "--config", works.configuration, "--readings", csv, "--database", works.place.file("state")])
        #expect(replay.end().code == 0)
        let before = try Self.finals(works.record)

        // The limit stands lower first, which restates nothing and is another demand from then on.
        let head = works.place.read("emsd.yaml").replacingOccurrences(of: Self.plant(port: port), with: "")
        try works.start()
        try works.place.write("emsd.yaml", head + Self.plant(port: port, max: 90))
        #expect(try works.view.run(["reload", "--reason", "permit of today"]).code == 0)
        #expect(try Self.finals(works.view) == before)
        try works.place.write("emsd.yaml", head + Self.plant(port: port, formula: dated, max: 90))
        #expect(try works.view.run(["reload", "--reason", "the transducer's ratio was 1.2"]).code == 0)
        var kills = 0
        while let first = try works.view.document("status")["computing"] as? [String], !first.isEmpty, kills < 4 {
            works.slay()
            kills += 1
            try works.start()
            // Each time it has come a little further.
            try eventually("the work to go on") {
                let now = try works.view.document("status")["computing"] as? [String] ?? []
                return now != first
            }
        }
        try eventually("the end of the restatement", within: 300) {
            (try works.view.document("status")["computing"] as? [String])?.isEmpty == true
        }
        let after = try Self.finals(works.view)
        #expect(try works.stop().code == 0)

        let other = try works.place.write("other.yaml", head + Self.plant(port: port, formula: dated, max: 90))
        let whole = try RunningProgram(
            "emsd", ["replay", "--config", other, "--readings", csv, "--database", works.place.file("whole")])
        #expect(whole.end().code == 0)
        let expected = try Self.finals(.database(works.place.file("whole")))
        #expect(expected.count > 4_000 && expected != before)
        // Before the date the limit of its time stands, which was another.
        func isRestated(_ line: String) -> Bool {
            let words = line.split(separator: " ")
            return words[1] != "limit" || words[2].prefix(16) >= date.prefix(16)
        }
        let differences = expected.filter(isRestated).symmetricDifference(after.filter(isRestated))
        #expect(differences.isEmpty, "\(differences.sorted().prefix(6)) of \(differences.count), \(kills) kills")
    }
}
