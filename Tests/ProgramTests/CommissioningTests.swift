import Foundation
import Testing
import WireKit

/// Setting up a plant: what devices refuse, how they are asked, and what is on a line.
@Suite("Commissioning", .serialized)
struct CommissioningTests {
    private static func plant(_ port: Int) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 2s}
        meters:
          plc:
            link: hall
            unit: 1
            interval: 500ms
            points:
              volts: {register: holding 10, type: float32, kind: gauge}
              fine: {register: holding 50, type: float64, kind: gauge}
              wrong: {register: holding 98, type: float64, kind: gauge}
              early: {register: input 7, type: uint16, kind: gauge}
              beyond: {register: input 5000, type: uint16, kind: gauge}

        """
    }

    @Test(
        "refused registers are named in one alert, shown in the plan, and known after a restart",
        .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python; make test does"))
    func refusedRegisters() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(CommissioningTests.plant(port))
        let server = try LiveWorks.foreign("modbus_server.py", String(port))
        defer { server.slay() }
        try works.start()
        try eventually("an alert about what is refused") {
            !works.alerts.messages(of: "register_refused").isEmpty
        }
        let alert = try #require(works.alerts.messages(of: "register_refused").first)
        #expect(alert.contains("plc.wrong"))
        #expect(alert.contains("plc.beyond"))
        #expect(try works.newest()["plc.wrong"]?["reason"] == "exception-2")
        try expectPlan(works)
        #expect(try works.stop().code == 0)
        try works.start()
        try eventually("readings after the restart") {
            let newest = try works.newest()
            return newest["plc.volts"]?["quality"] == "good" && newest["plc.beyond"]?["reason"] == "exception-2"
        }
        try expectPlan(works)
        #expect(try works.stop().code == 0)
        #expect(works.alerts.messages(of: "register_refused").count == 1)
    }

    private func expectPlan(_ works: LiveWorks) throws {
        let plan = try works.view.rows("meters", "plc", "--plan")
        let refused = plan.filter { $0["why"]?.contains("exception 2") ?? false }
        #expect(Set(refused.compactMap { $0["points"] }) == ["wrong", "beyond"])
        #expect(plan.filter { $0["table"] == "holding" }.map { $0["registers"] } == ["44"])
        #expect(plan.filter { $0["table"] == "input" }.map { $0["points"] } == ["early"])
    }

    @Test("the plan of requests is explained from a configuration alone")
    func planOffline() throws {
        let works = try LiveWorks(CommissioningTests.plant(1))
        let end = try RunningProgram(
            "emsctl", ["meters", "plc", "--plan", "--config", works.configuration, "--format", "csv"]
        ).end(within: 30)
        #expect(end.code == 0, "\(end.errors)")
        let rows = PlantView.rows(of: end.output)
        #expect(rows.map { $0["table"] } == ["holding", "input", "input"])
        #expect(rows.map { $0["address"] } == ["10", "7", "5000"])
        #expect(rows[2]["why"] == "together with the one before it would pass the 125 registers that Modbus allows")
        let unknown = try RunningProgram("emsctl", ["meters", "plx", "--plan", "--config", works.configuration]).end()
        #expect(unknown.code == 65)
        #expect(unknown.errors == "emsctl: there is no meter 'plx' (did you mean 'plc'?)\n")
    }

    @Test("a scan finds the units of a link and a probe shows their registers, through the daemon and without it")
    func scan() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links:
              hall: {transport: rtu_over_tcp, host: 127.0.0.1, port: \(port), timeout: 700ms}
            meters:
              a: {link: hall, unit: 2, interval: 2s, points: {p: {register: holding 0, type: float32, kind: gauge}}}
              b: {link: hall, unit: 4, interval: 2s, points: {p: {register: input 7, type: uint16, kind: gauge}}}

            """)
        let emsim = try works.simulate("signals: {a.p: 231.5, b.p: 77}\n")
        defer { emsim.slay() }
        let direct = ["--config", works.configuration, "--format", "csv"]
        let alone = try RunningProgram("emsctl", ["scan", "hall", "--from", "1", "--to", "5"] + direct).end(within: 60)
        #expect(alone.code == 0, "\(alone.errors)")
        try expectUnits(alone.output)
        try works.start()
        let refused = try RunningProgram("emsctl", ["scan", "hall"] + direct).end(within: 60)
        #expect(refused.code == 73)
        let shared = try works.view.run(["scan", "hall", "--from", "1", "--to", "5", "--format", "csv"])
        #expect(shared.code == 0, "\(shared.errors)")
        try expectUnits(shared.output)
        let probe = try works.view.rows("probe", "hall", "--unit", "2", "--register", "40001", "--count", "2")
        #expect(probe.first?["value"] == "231.5")
        #expect(probe.first?["line"] == "holding_0: {register: holding 0, type: float32, kind: gauge}")
        let nobody = try works.view.run(["probe", "hall", "--unit", "9", "--register", "holding 0"])
        #expect(nobody.code == 74)
        #expect(try works.view.run(["scan", "hell"]).code == 65)
        try eventually("a reading") { try works.view.rows("readings", "a.p").contains { $0["quality"] == "good" } }
        #expect(try works.view.rows("readings", "a.p").allSatisfy { $0["quality"] != "good" || $0["value"] == "231.5" })
        #expect(try works.stop().code == 0)
    }

    @Test("a SunSpec meter needs no addresses: its model is found where the device has it")
    func sunSpec() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links:
              roof: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 5s}
            meters:
              feed: {link: roof, unit: 3, interval: 500ms, profile: sunspec-meter, points: [power, energy_import]}

            """)
        let emsim = try works.simulate("signals: {feed.power: 12.5, feed.energy_import: 4711}\n")
        defer { emsim.slay() }
        try works.start()
        try eventually("both values") {
            let newest = try works.newest()
            return newest["feed.power"]?["value"] == "12.5" && newest["feed.energy_import"]?["value"] == "4711"
        }
        let found = try works.view.rows("scan", "roof", "--from", "3", "--to", "3")
        #expect(found.first?["sunspec"] == "1 common, 201 meter")
        #expect(found.first?["vendor"] == "emsim")
        #expect(try works.stop().code == 0)
    }

    private func expectUnits(_ text: String) throws {
        let rows = PlantView.rows(of: text)
        #expect(rows.map { $0["unit"] } == ["2", "4"])
        #expect(rows.map { $0["vendor"] } == ["emsim", "emsim"])
        #expect(rows.map { $0["answer"] } == ["data", "exception-2"])
    }

    @Test("a scan through the daemon ends at Ctrl-C also while a silent line is waited for: 130")
    func interruptedScan() throws {
        // It takes the connection and says nothing; each of a unit's questions is waited for so long.
        let server = try RawServer(.tcp) { _, _, _ in .goOn }
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(server.port), timeout: 60s}
            meters:
              a: {link: hall, unit: 1, interval: 10s, points: {p: {register: holding 0, type: float32, kind: gauge}}}

            """)
        try works.start()
        let scan = try RunningProgram("emsctl", ["scan", "hall", "--socket", works.place.file("emsd.sock")])
        // SIGINT is the second bit of what it catches.
        try eventually("a scan that takes Ctrl-C as a wish") {
            let status = try String(contentsOfFile: "/proc/\(scan.identifier)/status", encoding: .utf8)
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            return caught.flatMap { UInt64($0, radix: 16) }.map { $0 & 2 != 0 } ?? false
        }
        scan.send(SIGINT)
        let end = scan.end(within: 50)
        #expect(end.code == 130, "\(end.errors)")
        #expect(end.errors.contains("units 1 to 247 were not asked"), "\(end.errors)")
        #expect(try works.stop().code == 0)
    }
}
