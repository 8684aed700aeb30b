import Foundation
import Testing

/// `emsd run` on real Modbus traffic: `emsim`, a server from PyPI, and servers that are none.
@Suite(
    "a running daemon", .serialized,
    .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python; make test does"))
struct LiveTests {
    @Test("reads what a server that no one here wrote serves, in every type and order, and names the wrong registers")
    func foreignServer() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 2s}
            meters:
              plc:
                link: hall
                unit: 1
                interval: 500ms
                points:
                  small: {register: holding 0, type: int16, kind: gauge}
                  volts: {register: holding 10, type: float32, kind: gauge}
                  hertz: {register: holding 20, type: float32, order: CDAB, kind: gauge}
                  large: {register: 40031, type: uint32, order: BADC, kind: gauge}
                  energy: {register: holding 0x28, type: uint32, order: DCBA, scale: 0.1, kind: counter, max_rate: 100}
                  fine: {register: holding 50, type: float64, kind: gauge}
                  huge: {register: holding 60, type: int64, kind: gauge}
                  decimal: {register: holding 70, type: bcd16, offset: -10, kind: gauge}
                  flag: {register: holding 80, type: uint16, bits: 2, kind: state}
                  field: {register: holding 80, type: uint16, bits: 4..7, kind: state}
                  early: {register: input 7, type: uint16, kind: gauge}
                  late: {register: input 290, type: uint16, kind: gauge}
                  door: {register: discrete 1, kind: state}
                  pump: {register: coil 1, kind: state}
                  wrong: {register: holding 98, type: float64, kind: gauge}
                  beyond: {register: input 5000, type: uint16, kind: gauge}

            """)
        let server = try LiveWorks.foreign("modbus_server.py", String(port))
        try works.start()
        try eventually("every point read, and the wrong ones told apart") {
            let newest = try works.newest()
            return newest.count == 16 && newest.values.count { $0["quality"] == "good" } == 14
        }
        let newest = try works.newest()
        let expected: [String: Double] = [
            "small": -123, "volts": 231.5, "large": 3_000_000_000, "energy": 471_123.4, "fine": 1234.5678,
            "huge": -9_007_199_254_740_991, "decimal": 9502, "flag": 1, "field": 11, "early": 1007, "late": 1290,
            "door": 0, "pump": 1, "hertz": Double(Float(49.98)),
        ]
        for (point, value) in expected {
            let shown = try #require(newest["plc.\(point)"]?["value"].flatMap(Double.init), "\(point)")
            // A float32 is shown by its shortest decimal form.
            #expect(shown == value || Float(shown) == Float(value) && point == "hertz", "\(point)")
        }
        for point in ["wrong", "beyond"] {
            #expect(newest["plc.\(point)"]?["quality"] == "bad")
            #expect(newest["plc.\(point)"]?["reason"] == "exception-2")
            #expect(newest["plc.\(point)"]?["value"] == "")
        }
        #expect(try works.view.run(["status"]).code == 1)
        #expect(try works.stop().code == 0)
        server.slay()
    }

    @Test(
        "keeps polling the others while links are refused, silent or answer nonsense, and comes back to a server that does"
    )
    func troubles() throws {
        let manners = ["silent", "noise", "http", "short", "liar", "closing"]
        let ports = try FreePort.some(3 + manners.count)
        let names = ["sound", "gone", "refused"] + manners
        let links = zip(names, ports).map {
            let timeout = ["sound", "gone"].contains($0) ? "2s" : "300ms"
            return "  \($0): {transport: tcp, host: 127.0.0.1, port: \($1), timeout: \(timeout)}"
        }
        let meters = names.map {
            "  m_\($0): {link: \($0), unit: 1, interval: 500ms, points: {a: {register: input 1, type: uint16, kind: gauge}, "
                + "b: {register: holding 10, type: float32, kind: gauge}}}"
        }
        let works = try LiveWorks(
            "links:\n\(links.joined(separator: "\n"))\nmeters:\n\(meters.joined(separator: "\n"))\n")
        let sound = try LiveWorks.foreign("modbus_server.py", String(ports[0]))
        let gone = try LiveWorks.foreign("modbus_server.py", String(ports[1]))
        let odd = try zip(manners, ports[3...]).map { try LiveWorks.foreign("odd_server.py", String($1), $0) }
        try works.start()
        try eventually("the sound ones read and the others judged") {
            let newest = try works.newest()
            return newest.count == 2 * names.count && newest.values.allSatisfy { $0["quality"] != "" }
                && ["sound", "gone"].allSatisfy { newest["m_\($0).b"]?["value"] == "231.5" }
        }
        gone.slay()
        try eventually("the refusal of the server that ended") {
            ["refused", "link-down"].contains(try works.newest()["m_gone.a"]?["reason"])
        }
        try expectReasons(works)
        let other = try LiveWorks.foreign("modbus_server.py", String(ports[1]))
        try eventually("readings of the server that is there again") {
            try works.newest()["m_gone.a"]?["value"] == "1001"
        }
        try expectSoundReadings(works)
        let end = try works.stop()
        #expect(end.code == 0 && end.seconds < 5, "\(end)")
        for program in [sound, other] + odd { program.slay() }
    }

    private func expectReasons(_ works: LiveWorks) throws {
        let allowed: [String: Set<String>] = [
            "refused": ["refused", "link-down"], "silent": ["timeout", "link-down"], "http": ["frame", "timeout"],
            "noise": ["frame", "timeout", "reset", "link-down"], "short": ["frame", "timeout", "link-down"],
            "liar": ["frame", "timeout"], "closing": ["reset", "link-down"],
        ]
        for (name, reasons) in allowed {
            let rows = try works.view.rows("readings", "m_\(name).a")
            #expect(!rows.isEmpty)
            for row in rows {
                #expect(row["quality"] == "bad" && row["value"] == "", "\(name) \(row)")
                #expect(reasons.contains(row["reason"] ?? ""), "\(name) \(row["reason"] ?? "")")
            }
        }
        // The reason of the first failure, before the waits between attempts to connect.
        #expect(try works.view.rows("readings", "m_refused.a").first?["reason"] == "refused")
        #expect(try works.view.rows("readings", "m_silent.a").first?["reason"] == "timeout")
    }

    private func expectSoundReadings(_ works: LiveWorks) throws {
        let rows = try works.view.rows("readings", "m_sound.a")
        #expect(rows.allSatisfy { $0["value"] == "1001" && $0["quality"] == "good" })
        let times = rows.compactMap { LiveKillTests.milliseconds($0["time"] ?? "") }
        let longest = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
        #expect(longest < 5000, "a pause of \(longest) ms among readings of a sound link")
    }

    @Test("tells faults of the simulator by their reasons, and every reading it serves is the one that is kept")
    func simulator() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(ports[0]), timeout: 1s}
              pump: {transport: rtu_over_tcp, host: 127.0.0.1, port: \(ports[1]), timeout: 1s}
            meters:
              incomer:
                {link: hall, unit: 1, interval: 250ms, points: {
                  power: {register: input 0, type: float32, kind: gauge},
                  energy: {register: input 2, type: uint32, order: CDAB, scale: 0.01, kind: counter, max_rate: 1000}}}
              strict: {link: hall, unit: 2, interval: 250ms, points: {a: {register: holding 0, type: int16, kind: gauge}}}
              water: {link: pump, unit: 3, interval: 250ms, points: {a: {register: holding 0, type: uint16, kind: gauge}}}
              foul: {link: pump, unit: 4, interval: 250ms, points: {a: {register: holding 0, type: uint16, kind: gauge}}}

            """)
        let emsim = try works.simulate(
            """
            signals:
              incomer.power: {steps: {0s: 12.5, 500ms: -3.25, 1s: 1024}, repeat: 1500ms}
              incomer.energy: 4711.25
              strict.a: 5
              water.a: 77
              foul.a: 78
            faults:
              - {meter: strict, fault: exception, code: 6}
              - {meter: foul, fault: crc}

            """)
        try works.start()
        try eventually("two dozen readings") { try works.view.rows("readings", "incomer.power").count >= 24 }
        let power = try works.view.rows("readings", "incomer.power")
        #expect(Set(power.compactMap { $0["value"] }) == ["12.5", "-3.25", "1024"])
        #expect(Set(try works.view.rows("readings", "incomer.energy").compactMap { $0["value"] }) == ["4711.25"])
        #expect(Set(try works.view.rows("readings", "strict.a").compactMap { $0["reason"] }) == ["exception-6"])
        #expect(Set(try works.view.rows("readings", "water.a").compactMap { $0["value"] }) == ["77"])
        let foul = try works.view.rows("readings", "foul.a").compactMap { $0["reason"] }
        #expect(Set(foul) == ["crc"], "\(foul.prefix(12))")
        emsim.slay()
        try eventually("both links bad") {
            try works.newest().values.allSatisfy { ["refused", "link-down", "reset"].contains($0["reason"]) }
        }
        let again = try works.simulate("signals: {incomer.power: 7, strict.a: 6, water.a: 8, foul.a: 9}\n")
        try eventually("all four meters again") {
            let newest = try works.newest()
            return ["incomer.power": "7", "strict.a": "6", "water.a": "8", "foul.a": "9"]
                .allSatisfy { newest[$0]?["value"] == $1 }
        }
        #expect(try works.stop().code == 0)
        again.terminate()
    }
}
