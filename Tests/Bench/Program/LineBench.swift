import Glibc
import Metering
import Modbus

/// How full requests keep a serial line, against a device on a pty that keeps the line's timing.
enum LineBench {
    private static let turnaround: Int64 = 2_000_000

    /// Reads that many registers again and again, and reports the share of the rate that the wire allows: both frames
    /// at 11 bits a character, the silence between frames, and 2 ms in which the device thinks.
    static func run(baud: Int, registers: Int, seconds: Int) throws -> Report {
        let line = LineTiming(baud: baud)
        let (device, path) = try pty()
        let server = try BlockingThread(name: "device") { answer(on: device, registers: registers, line) }
        defer { withExtendedLifetime(server) {} }
        let client = ModbusClient(
            endpoint: .serial(SerialSettings(device: path, baud: baud, parity: .even, stopBits: 1)),
            timing: LinkTiming(timeoutMilliseconds: 1000), wake: WakeSignal())
        _ = client.connect(until: .max)
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: registers)
        let began = MonotonicTime.now()
        var done = 0
        while MonotonicTime.now() - began < Int64(seconds) * 1_000_000_000 {
            _ = try client.read(request)
            done += 1
        }
        let elapsed = Double(MonotonicTime.now() - began) / 1e9
        let wire = line.duration(bytes: 8 + 5 + 2 * registers) + line.silence + turnaround
        let ideal = Double(wire) / 1e9
        return ["requests_per_second": Double(done) / elapsed, "share": Double(done) * ideal / elapsed]
    }

    private static func answer(on device: Int32, registers: Int, _ line: LineTiming) {
        var request = [UInt8](repeating: 0, count: 64)
        while Readiness.wait(device, until: .max) == .readable {
            let came = MonotonicTime.now()
            let length = read(device, &request, request.count)
            guard length == 8 else {
                if length <= 0 { return }
                continue
            }
            var frame: [UInt8] = [request[0], request[1], UInt8(registers * 2)]
            frame += (0..<registers * 2).map { UInt8($0 & 0xFF) }
            let checksum = FrameChecksum.of(frame)
            frame += [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
            Readiness.sleep(until: came + line.duration(bytes: 8 + frame.count) + turnaround)
            _ = write(device, frame, frame.count)
        }
    }

    private static func pty() throws -> (device: Int32, path: String) {
        var (device, line): (Int32, Int32) = (-1, -1)
        guard openpty(&device, &line, nil, nil, nil) == 0 else { throw BenchFault("no pty can be had here") }
        var settings = termios()
        tcgetattr(line, &settings)
        cfmakeraw(&settings)
        tcsetattr(line, TCSANOW, &settings)
        var name = [CChar](repeating: 0, count: 128)
        guard ttyname_r(line, &name, name.count) == 0 else { throw BenchFault("the pty has no name") }
        return (device, String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
