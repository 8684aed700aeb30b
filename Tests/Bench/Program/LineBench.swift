import Metering
import Modbus
import Platform

/// How full requests keep a serial line, against a device on a pty that keeps the line's timing (Tests/Bench/C/line.c).
enum LineBench {
    /// Reads that many registers again and again, and reports the share of the rate that the wire allows: both frames
    /// at 11 bits a character, the silence between frames, and 2 ms in which the device thinks.
    static func run(path: String, baud: Int, registers: Int, seconds: Int) throws -> Report {
        let client = ModbusClient(
            endpoint: .serial(SerialSettings(device: path, baud: baud, parity: .even, stopBits: 1)),
            timing: LinkTiming(timeoutMilliseconds: 1000), wake: WakeSignal())
        _ = client.connect(until: .max)
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: registers)
        let began = MonotonicTime.now()
        var done = 0
        while MonotonicTime.now() - began < Int64(seconds) * 1_000_000_000 {
            do throws(ModbusFailure) {
                _ = try client.read(request)
                done += 1
            } catch {
                // A machine that is busy elsewhere costs what it costs.
                guard client.isConnected else { throw error }
            }
        }
        let elapsed = Double(MonotonicTime.now() - began) / 1e9
        let line = LineTiming(baud: baud)
        let wire = line.duration(bytes: 8 + 5 + 2 * registers) + line.silence + 2_000_000
        return ["requests_per_second": Double(done) / elapsed, "share": Double(done) * Double(wire) / 1e9 / elapsed]
    }
}
