import Foundation
import Testing

/// What `emsd run` makes of registers that say more than a number: all of it on the wire, changed while it polls.
@Suite(
    "values of a running daemon", .serialized,
    .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python; make test does"))
struct ValueTests {
    /// What a device serves, as `Tests/Foreign/image_server.py` reads it.
    private final class Image {
        var tables: [String: [String: Int]] = [:]
        var refused: [Int] = []
        private let path: String

        init(_ path: String) { self.path = path }

        func write() throws {
            var image: [String: Any] = ["refused": refused]
            for (table, cells) in tables { image[table] = cells }
            try JSONSerialization.data(withJSONObject: image).write(to: URL(fileURLWithPath: path), options: .atomic)
        }

        func change(_ change: (Image) -> Void) throws {
            change(self)
            try write()
        }

        func put(_ table: String, _ address: Int, _ words: Int...) {
            for (offset, word) in words.enumerated() { tables[table, default: [:]]["\(address + offset)"] = word }
        }
    }

    private static func plant(_ port: Int) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 5s}
        meters:
          stack:
            link: hall
            unit: 1
            interval: 200ms
            points:
              nox: {register: input 1000, type: float32, kind: gauge, range: [0, 2000]}
              o2: {register: input 1020, type: int16, scale: 0.01, kind: gauge, sentinel: -32768}
              valid: {register: discrete 4, kind: state}
              door: {register: coil 9, kind: state}
            valid_when: valid == 1
          inverter:
            link: hall
            unit: 1
            interval: 200ms
            points:
              power: {register: holding 70, type: int16, scale_register: 78, kind: gauge, sentinel: 0x8000}
              status: {register: holding 79, type: uint16, bits: 4..6, kind: state}
              fault: {register: holding 79, type: uint16, bits: 15, kind: state}
              serial: {register: holding 80, type: uint32, order: CDAB, kind: gauge, frozen_after: 1s}
            valid_when: status <= 4

        """
    }

    @Test("values hold only with their status, whatever table that stands in, and bits, exponents and marks are read")
    func values() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(ValueTests.plant(port))
        let image = Image(works.place.file("image.json"))
        // NOx 231.5 mg/m3; 8.13 % O2; valid; 12.34 kW with exponent -2; state 4, fault; 65538.
        image.put("input", 1000, 0x4367, 0x8000)
        image.put("input", 1020, 813)
        image.put("discrete", 4, 1)
        image.put("holding", 70, 1234)
        image.put("holding", 78, 0xFFFE, 0x8000 | 4 << 4, 2, 1)
        try image.write()
        let server = try LiveWorks.foreign("image_server.py", String(port), works.place.file("image.json"))
        try works.start()

        try holds(works)
        try isMarked(works, image)
        try changes(works, image)
        try eventually("times enough to compare") { try works.view.rows("readings", "stack.nox").count > 10 }
        #expect(try works.stop().code == 0)
        server.slay()
        try agree(works)
    }

    /// Waits until the points say so: a value, or the reason why there is none.
    private func expect(_ wanted: [String: String], of works: LiveWorks, _ comment: String) throws {
        do {
            try eventually(comment) {
                let newest = try works.newest()
                return wanted.allSatisfy { point, said in
                    guard let value = newest[point]?["value"].flatMap(Double.init) else {
                        return newest[point]?["reason"] == said
                    }
                    return value == Double(said) && newest[point]?["quality"] == "good"
                }
            }
        } catch {
            Issue.record(
                "\(comment): \(try works.newest().mapValues { "\($0["value"] ?? "") \($0["reason"] ?? "")" })")
        }
    }

    private func holds(_ works: LiveWorks) throws {
        try expect(
            [
                "stack.nox": "231.5", "stack.o2": "8.13", "stack.valid": "1", "stack.door": "0",
                "inverter.power": "12.34", "inverter.status": "4", "inverter.fault": "1",
            ], of: works, "everything holds")
    }

    /// Values that their meter says do not hold, and such as say so themselves.
    private func isMarked(_ works: LiveWorks, _ image: Image) throws {
        // The state itself is a value as any other, and it qualifies the others of its meter only.
        try image.change { $0.put("discrete", 4, 0) }
        try expect(
            [
                "stack.nox": "status", "stack.o2": "status", "stack.door": "status", "stack.valid": "0",
                "inverter.power": "12.34",
            ], of: works, "the analyser says that its values do not hold")
        try image.change { $0.refused = [2] }
        try expect(
            ["stack.nox": "status", "stack.valid": "exception-4"], of: works, "whether its values hold cannot be read")
        try image.change {
            $0.refused = []
            $0.put("discrete", 4, 1)
            $0.put("coil", 9, 1)
            $0.put("input", 1000, 0x453B, 0x8000)
            $0.put("input", 1020, 0x8000)
            $0.put("holding", 70, 0x8000)
        }
        try expect(
            [
                "stack.nox": "out-of-range", "stack.o2": "sentinel", "stack.door": "1", "inverter.power": "sentinel",
                "inverter.status": "4",
            ], of: works, "3000 mg/m3 is out of range, and not there is marked")
        try image.change {
            $0.put("input", 1000, 0x7FC0, 0)
            $0.put("input", 1020, 0xFFFF)
            $0.put("holding", 70, 0xFF9C)
            $0.put("holding", 78, 1)
        }
        try expect(
            ["stack.nox": "not-finite", "stack.o2": "-0.01", "inverter.power": "-1000"], of: works,
            "NaN is none, and the exponent is read with the value")
    }

    /// An exponent, a field of bits and a value that stands, as they change.
    private func changes(_ works: LiveWorks, _ image: Image) throws {
        try image.change { $0.put("holding", 78, 0x8000) }
        try expect(["inverter.power": "sentinel"], of: works, "an exponent that is not there")
        try image.change { $0.put("holding", 79, 5 << 4) }
        try expect(
            ["inverter.power": "sentinel", "inverter.fault": "status", "inverter.status": "5"], of: works,
            "a field of bits says that the values do not hold")
        // Meanwhile the number stood longer than it may.
        try image.change { $0.put("holding", 79, 4 << 4) }
        try expect(["inverter.serial": "frozen", "inverter.fault": "0"], of: works, "a value that stands is frozen")
        try image.change { $0.put("holding", 80, 3) }
        try eventually("a value that moves is good again") {
            try works.view.rows("readings", "inverter.serial").contains { $0["value"] == "65539" }
        }
    }

    /// What belongs together came in one request, and at one time.
    private func agree(_ works: LiveWorks) throws {
        let asked = Set(works.place.read("image.json.asked").split(separator: "\n").map(String.init))
        #expect(asked == ["4 1000 21", "2 4 1", "1 9 1", "3 70 12"])
        func times(_ point: String) throws -> [String] {
            try works.record.rows("readings", point).compactMap { $0["time"] }
        }
        let nox = try times("stack.nox")
        #expect(nox.count > 10)
        // A state in another table may come some milliseconds earlier or later.
        #expect(try times("stack.o2") == nox)
        let power = try times("inverter.power")
        for point in ["status", "fault", "serial"] { #expect(try times("inverter.\(point)") == power) }
    }
}
