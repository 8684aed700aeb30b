import Foundation
import TestKit
import Testing

@Suite("emsim")
struct EmsimProgramTests {
    private static let configuration = """
        site: {name: Works, timezone: UTC}
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: 1502}
          pump: {transport: rtu_over_tcp, host: 127.0.0.1, port: 1503}
          line: {transport: rtu, device: /dev/serial/by-id/none, baud: 19200, parity: none}
        meters:
          incomer:
            link: hall
            unit: 1
            interval: 1s
            points:
              power: {register: input 0, type: float32, order: CDAB, unit: kW, kind: gauge}
              energy: {register: input 2, type: uint32, scale: 0.1, unit: kWh, kind: counter, max_rate: 9000}
          water:
            link: pump
            unit: 3
            interval: 1s
            points: {volume: {register: holding 40, type: bcd32, unit: m3, kind: counter, max_rate: 100}}
          stack:
            link: line
            unit: 7
            interval: 1s
            points:
              nox: {register: input 1000, type: int16, scale: 0.1, unit: mg/m3, kind: gauge}
              valid: {register: discrete 4, kind: state}

        """
    private static let scenario = """
        signals:
          incomer.power: 123.456
          incomer.energy: {constant: 4711.5}
          water.volume: {constant: 90123}
          stack.nox: -12.5
        faults:
          - {meter: water, fault: exception, code: 6, from: 1h}

        """

    /// Reads each meter with pymodbus, which no one here wrote.
    private static let client = """
        import struct, sys
        from pymodbus import FramerType
        from pymodbus.client import ModbusSerialClient, ModbusTcpClient
        hall = ModbusTcpClient('127.0.0.1', port=int(sys.argv[1]))
        pump = ModbusTcpClient('127.0.0.1', port=int(sys.argv[2]), framer=FramerType.RTU)
        line = ModbusSerialClient(sys.argv[3], baudrate=19200, parity='N', stopbits=1)
        assert hall.connect() and pump.connect() and line.connect()
        words = hall.read_input_registers(0, count=4, device_id=1).registers
        print(round(struct.unpack('>f', struct.pack('>HH', words[1], words[0]))[0], 3))
        print((words[2] << 16 | words[3]) / 10)
        words = pump.read_holding_registers(40, count=2, device_id=3).registers
        print('%04x%04x' % tuple(words))
        print(struct.unpack('>h', struct.pack('>H', line.read_input_registers(1000, count=1, device_id=7).registers[0]))[0])
        print(line.read_discrete_inputs(4, count=1, device_id=7).bits[0])
        print(hall.read_input_registers(0, count=5, device_id=1).exception_code)
        print(hall.read_input_registers(0, count=1, device_id=2).exception_code)
        print(hall.write_register(0, 1, device_id=1).exception_code)
        print(hall.read_device_information(read_code=1, object_id=0, device_id=1).information[0].decode())
        """

    /// A directory with those files, removed after the body.
    private func withFiles<Result>(
        _ files: [String: String], _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        return try withExtendedLifetime(folder) { try body(folder.path) }
    }

    @Test(
        "a client that no one here wrote reads every meter over TCP, RTU over TCP and a terminal",
        .enabled(if: RunningProgram.python != nil, "EMSD_PYTHON names no Python; make test does"))
    func foreignClient() throws {
        let python = try #require(RunningProgram.python)
        let files = [
            "p.yaml": Self.configuration, "s.yaml": Self.scenario, "c.py": Self.client,
        ]
        try withFiles(files) { directory in
            let emsim = try RunningProgram(
                "emsim",
                [
                    "--config", "\(directory)/p.yaml", "--scenario", "\(directory)/s.yaml", "--port-base", "0",
                    "--pty-directory", directory,
                ])
            let lines = emsim.lines(until: "ready")
            try #require(lines.count == 4, "\(lines)")
            let ports = lines.prefix(2).compactMap { $0.split(separator: ":").last?.split(separator: " ").first }
            #expect(lines[0].hasPrefix("hall tcp 127.0.0.1:") && lines[0].hasSuffix(" units 1"))
            #expect(lines[1].hasPrefix("pump rtu_over_tcp 127.0.0.1:") && lines[1].hasSuffix(" units 3"))
            #expect(lines[2] == "line rtu \(directory)/line units 7")
            let client = try RunningProgram(
                python, ["\(directory)/c.py", String(ports[0]), String(ports[1]), "\(directory)/line"])
            let said = client.end()
            #expect(
                said.output.split(separator: "\n") == [
                    "123.456", "4711.5", "00090123", "-125", "True", "2", "11", "1", "emsim",
                ], "\(said.errors)")
            emsim.terminate()
            let end = emsim.end()
            #expect(end.code == 0)
            #expect(end.output == "served 8 requests, 0 of them with a fault or a delay\n")
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/line"))
        }
    }

    @Test("it ends by itself after its duration")
    func duration() throws {
        try withFiles(["p.yaml": Self.configuration]) { directory in
            let end = try RunningProgram(
                "emsim",
                [
                    "--config", "\(directory)/p.yaml", "--port-base", "0", "--pty-directory", directory, "--duration",
                    "0.2",
                ]
            ).end()
            #expect(end.code == 0)
            #expect(end.output.hasSuffix("ready\nserved 0 requests, 0 of them with a fault or a delay\n"))
        }
    }

    @Test("a faulty configuration or scenario is said with its place, exit 78")
    func faults() throws {
        try withFiles(["p.yaml": Self.configuration, "s.yaml": "signals:\n  stack.nix: 4\n", "e.yaml": "site: {}\n"]) {
            directory in
            let wrong = try RunningProgram(
                "emsim", ["--config", "\(directory)/p.yaml", "--scenario", "\(directory)/s.yaml", "--port-base", "0"]
            ).end()
            #expect(wrong.code == 78)
            #expect(wrong.output == "")
            #expect(
                wrong.errors
                    == "\(directory)/s.yaml:2:3: error: unknown point 'stack.nix' (did you mean 'stack.nox'?)\n")
            let empty = try RunningProgram("emsim", ["--config", "\(directory)/e.yaml"]).end()
            #expect(empty.code == 78)
            #expect(empty.errors.hasPrefix("\(directory)/e.yaml:1:1: error: "))
        }
    }

    @Test("a path where no terminal can be made is said, exit 73; wrong usage is 64")
    func refusals() throws {
        try withFiles(["p.yaml": Self.configuration]) { directory in
            let device = try RunningProgram(
                "emsim",
                ["--config", "\(directory)/p.yaml", "--port-base", "0", "--pty-directory", "\(directory)/none"]
            ).end()
            #expect(device.code == 73)
            #expect(
                device.errors.hasPrefix(
                    "emsim: cannot serve link line: the terminal's link \(directory)/none/line cannot be made"))
            #expect(try RunningProgram("emsim", ["--speed", "0"]).end().code == 64)
            #expect(try RunningProgram("emsim", ["--fleet", "5"]).end().code == 64)
        }
    }
}
