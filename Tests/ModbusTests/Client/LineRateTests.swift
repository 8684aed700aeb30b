import Foundation
import Testing

@testable import Modbus

/// How much of a serial line's time requests fill, beside a device that keeps its timing: a measurement, for an idle machine.
@Suite("The rate on a serial line", .serialized, .enabled(if: ProcessInfo.processInfo.environment["EMSD_BENCH"] != nil))
struct LineRateTests {
    @Test("it fills at least 95 % of what the line allows", arguments: [9600, 19_200, 115_200], [2, 20, 125])
    func rate(baud: Int, registers: Int) throws {
        let timing = LineTiming(baud: baud)
        let turnaround: Int64 = 1_000_000
        let answerBytes = 5 + 2 * registers
        let device = try RawServer(.pty, baud: baud) { request, _, line in
            // What is written here arrives at once; on a wire its last byte comes after the frame's time.
            let arrived = MonotonicTime.now() + timing.duration(bytes: 8)
            Readiness.sleep(until: arrived + timing.silence + turnaround + timing.duration(bytes: answerBytes))
            line.write(Frames.answer(request))
            return .goOn
        }
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: registers)
        let exchange = timing.duration(bytes: 8 + answerBytes) + 2 * timing.silence + turnaround
        let count = Int(2_000_000_000 / exchange)
        let elapsed = Elapsed()
        let thread = try BlockingThread(name: "rate") { [endpoint = device.endpoint] in
            let client = ModbusClient(
                endpoint: endpoint, timing: LinkTiming(timeoutMilliseconds: 1000), wake: WakeSignal())
            _ = client.connect(until: .max)
            _ = try? client.read(request)
            let began = MonotonicTime.now()
            for _ in 0..<count { _ = try? client.read(request) }
            elapsed.nanoseconds = MonotonicTime.now() - began
        }
        thread.join()
        let share = Double(Int64(count) * exchange) / Double(elapsed.nanoseconds)
        print("\(baud) baud, \(registers) registers: \((share * 1000).rounded() / 10) % of the theoretical rate")
        #expect(share >= 0.95)
    }

    /// Written by one thread, read after it ended.
    private final class Elapsed: @unchecked Sendable {
        var nanoseconds: Int64 = 0
    }
}
