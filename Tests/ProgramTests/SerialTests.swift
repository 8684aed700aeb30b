import Foundation
import TestKit
import Testing

/// `emsd run` on serial lines: pseudo terminals, with adapters that are pulled out and plugged in again.
@Suite("A running daemon on a serial line", .serialized)
struct SerialTests {
    private static func works(_ device: String) throws -> LiveWorks {
        try LiveWorks(
            """
            links:
              bus: {transport: rtu, device: "\(device)", baud: 19200, parity: none, timeout: 500ms}
            meters:
              plc:
                {link: bus, unit: 1, interval: 250ms, points: {
                  volts: {register: holding 10, type: float32, kind: gauge},
                  early: {register: input 7, type: uint16, kind: gauge},
                  door: {register: discrete 0, kind: state}}}
              absent: {link: bus, unit: 9, interval: 250ms, points: {a: {register: input 7, type: uint16, kind: gauge}}}

            """)
    }

    private static let right = ["plc.volts": "231.5", "plc.early": "1007", "plc.door": "1"]

    /// Waits for right values, pulls the adapter out, waits for link-down, plugs it in, and waits for right values again.
    private func unplug(_ device: String, _ works: LiveWorks, plug: () throws -> RunningProgram) throws {
        let first = try plug()
        try works.start()
        try expectRight(works, "the first values")
        try eventually("a bad reading of the unit that is not there") {
            try works.newest()["absent.a"]?["quality"] == "bad"
        }
        first.slay()
        try eventually("link-down while the adapter is out") {
            try works.newest().values.allSatisfy { $0["reason"] == "link-down" && $0["quality"] == "bad" }
        }
        #expect(try works.view.run(["status"]).code == 1)
        let second = try plug()
        try expectRight(works, "values of the adapter that is back")
        for point in SerialTests.right.keys {
            let rows = try works.view.rows("readings", point)
            #expect(rows.allSatisfy { $0["quality"] == "bad" || $0["value"] == SerialTests.right[point] })
        }
        let end = try works.stop()
        #expect(end.code == 0, "\(end.errors)")
        second.slay()
    }

    private func expectRight(_ works: LiveWorks, _ what: String) throws {
        // The longest wait between two tries to open a device is a minute, the first ones are short.
        try eventually(what) {
            let newest = try works.newest()
            return SerialTests.right.allSatisfy { newest[$0]?["value"] == $1 && newest[$0]?["quality"] == "good" }
        }
    }

    @Test("reads emsim on a terminal, and goes on after the terminal was gone")
    func simulator() throws {
        let place = try TemporaryFolder()
        let works = try SerialTests.works(place.file("bus"))
        try unplug(place.file("bus"), works) {
            try works.simulate(
                """
                signals: {plc.volts: 231.5, plc.early: 1007, plc.door: 1}
                faults:
                  - {meter: absent, fault: silent}

                """)
        }
    }

    @Test(
        "reads a server that no one here wrote, and goes on after its adapter was pulled out and plugged in",
        .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python; make test does"))
    func foreignServer() throws {
        let place = try TemporaryFolder()
        let works = try SerialTests.works(place.file("bus"))
        try unplug(place.file("bus"), works) { try LiveWorks.foreign("modbus_serial.py", place.file("bus")) }
    }
}
