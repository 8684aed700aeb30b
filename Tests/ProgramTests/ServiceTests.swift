import Foundation
import Platform
import Testing

/// `emsd run` as systemd and logrotate treat it.
@Suite("a daemon in service", .serialized)
struct ServiceTests {
    private static func plant(_ port: Int, limit: Int = 200) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
        meters:
          stack: {link: hall, unit: 7, interval: 100ms, points: {nox: {register: input 0, type: float32, kind: gauge}}}
        indicators:
          nox: {window: 1s, formula: mean(stack.nox), grace: 500ms}
        objectives:
          permit: {indicator: nox, max: \(limit), severity: major}

        """
    }

    /// Above the limit every other second.
    private static let scenario = "signals: {stack.nox: {steps: {0s: 100, 1s: 300}, repeat: 2s}}\n"

    @Test("SIGTERM and SIGINT end it with 0 within 5 s, with all recorded, also while a server does not answer")
    func ending() throws {
        for signal in [SIGTERM, SIGINT] {
            let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
            let emsim = try works.simulate("signals: {stack.nox: 5}\n")
            try works.start()
            try eventually("a value") { try works.newest()["stack.nox"]?["value"] == "5" }
            // From here on it takes requests and does not answer.
            emsim.send(SIGSTOP)
            try eventually("a timeout") { try works.newest()["stack.nox"]?["reason"] == "timeout" }
            let begin = MonotonicMoment.now
            works.daemon?.send(signal)
            let end = try #require(works.daemon?.end(within: 60))
            #expect(end.code == 0, "\(end.errors)")
            #expect(begin.duration(to: .now) < .seconds(5))
            #expect(works.alerts.events == ["started", "stopped"])
            #expect(works.alerts.isGapless)
            #expect(!FileManager.default.fileExists(atPath: works.place.file("emsd.sock")))
            #expect(try works.record.rows("readings", "stack.nox").contains { $0["value"] == "5" })
            emsim.slay()
        }
    }

    @Test("a second daemon on the same directory is refused: 73, and the first goes on")
    func twoDaemons() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        try works.start()
        let second = try RunningProgram("emsd", ["run", "--config", works.configuration]).end(within: 60)
        #expect(second.code == 73)
        #expect(second.output == "")
        let other = works.place.read("emsd.yaml").replacingOccurrences(of: "emsd.sock", with: "other.sock")
        try works.place.write("other.yaml", other)
        let third = try RunningProgram("emsd", ["run", "--config", works.place.file("other.yaml")]).end(within: 60)
        #expect(third.code == 73)
        #expect(third.errors.contains("\(works.place.path)/state"), "\(third.errors)")
        #expect(try works.view.run(["status"]).code <= 1)
        #expect(try works.stop().code == 0)
    }

    @Test(
        "a broken configuration is refused on SIGHUP and on reload, and the old one stays in force; a sound one is taken"
    )
    func reloading() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(Self.plant(port))
        let emsim = try works.simulate("signals: {stack.nox: 150}\n")
        try works.start()
        let head = works.place.read("emsd.yaml").replacingOccurrences(of: Self.plant(port), with: "")
        try works.place.write("emsd.yaml", head + Self.plant(port).replacingOccurrences(of: "mean(", with: "meen("))
        works.daemon?.send(SIGHUP)
        let refused = try works.view.run(["reload"])
        #expect(refused.code == 78)
        #expect(refused.errors.contains("\(works.place.path)/emsd.yaml:"), "\(refused.errors)")
        try eventually("verdicts by the old rules") {
            try works.view.rows("objectives").contains { $0["verdict"] == "met" && $0["limit"] == "200" }
        }
        try works.place.write("emsd.yaml", head + Self.plant(port, limit: 120))
        works.daemon?.send(SIGHUP)
        try eventually("verdicts by the new rules") {
            try works.view.rows("objectives").contains { $0["verdict"] == "not_met" && $0["limit"] == "120" }
        }
        try eventually("its nonconformity in the alert file") { works.alerts.events.contains("nonconformity_raised") }
        #expect(try works.view.run(["reload"]).code == 0)
        let end = try works.stop()
        #expect(end.code == 0)
        #expect(end.errors.contains("old one stays in force"), "\(end.errors)")
        emsim.terminate()
    }

    @Test("alert files that are renamed or cut off while it runs, also while it is killed, lose and double nothing")
    func rotation() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsim = try works.simulate(Self.scenario)
        try works.start()
        for number in 1...4 {
            try eventually("alerts in the file") { works.alerts.events.count { $0 != "started" } >= 2 }
            try FileManager.default.moveItem(
                atPath: works.place.file("alerts.jsonl"), toPath: works.place.file("alerts.jsonl.\(number)"))
            if number.isMultiple(of: 2) {
                works.slay()
                try works.start()
            }
        }
        try eventually("alerts in the last file") { works.alerts.events.count { $0 != "started" } >= 2 }
        #expect(try works.stop().code == 0)
        emsim.terminate()
        let text = (1...4).map { works.place.read("alerts.jsonl.\($0)") }.joined() + works.place.read("alerts.jsonl")
        let all = AlertLines(text)
        #expect(all.isGapless, "\(all.lines.map { $0?["seq"] as? Int })")
        let recorded = try works.record.rows("alerts")
        #expect(all.events == recorded.compactMap { $0["event"] })
        #expect(all.lines.map { $0?["id"] as? String ?? "" } == recorded.map { $0["id"] ?? "" })
        #expect(all.events.count { $0 == "started" } == 3)
    }

    @Test("an alert file that cannot be written stops nothing, is said, and gets its lines later")
    func unwritableAlerts() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsim = try works.simulate(Self.scenario)
        // A directory stands where the file belongs, so that root cannot write it either.
        try FileManager.default.createDirectory(
            atPath: works.place.file("alerts.jsonl"), withIntermediateDirectories: false)
        try works.start()
        try eventually("a nonconformity") { try works.view.rows("nc", "list").isEmpty == false }
        let status = try works.view.run(["status"])
        #expect(status.code == 1)
        #expect(status.output.contains("\(works.place.path)/alerts.jsonl"), "\(status.output)")
        #expect(works.place.read("alerts.log").contains("NC-"))
        try FileManager.default.removeItem(atPath: works.place.file("alerts.jsonl"))
        try eventually("the lines that waited") { works.alerts.events.contains("nonconformity_raised") }
        #expect(try works.stop().code == 0)
        emsim.terminate()
        #expect(works.alerts.isGapless)
        #expect(works.alerts.events == (try works.record.rows("alerts").compactMap { $0["event"] }))
    }
}
