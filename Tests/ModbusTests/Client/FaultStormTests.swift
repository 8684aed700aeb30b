import Platform
import Synchronization
import TestKit
import Testing
import WireKit

@testable import Modbus

@Suite("A storm of faults")
struct FaultStormTests {
    private struct Plant: Sendable {
        var random: SeededNumbers
        var held: [[UInt8]] = []
    }

    private static let cases = RawServer.Kind.allCases.flatMap { kind in (UInt64(1)...3).map { (kind, $0 &* 7_919) } }

    /// Each register's value is a hash of unit, table and address, so that no other register's answer looks right.
    private static func value(_ unit: UInt8, _ function: UInt8, _ address: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (Int(unit) * 31 + Int(function)) &* 40_503 &+ address &* 9_973)
    }

    /// A server that does to its answers whatever a line may do.
    private static func server(_ kind: RawServer.Kind, seed: UInt64) throws -> RawServer {
        let plant = Mutex(Plant(random: SeededNumbers(seed: seed)))
        return try RawServer(kind) { request, _, line in
            let (unit, function, _, count) = Frames.fields(request)
            let right = Frames.answer(request) { FaultStormTests.value(unit, function, $0) }
            let (frames, ending) = plant.withLock { plant -> ([[UInt8]], RawServer.Step) in
                let late = plant.held
                plant.held = []
                func dice(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &plant.random) }
                switch dice(16) {
                case 0: return (late, .goOn)
                case 1, 2:
                    plant.held = late + [right]
                    return ([], .goOn)
                case 3: return (late + [right, right], .goOn)
                case 4: return (late + [Frames.answer(request, unit: unit &+ 1)], .goOn)
                case 5: return (late + [Frames.answer(request, unit: unit &+ 1), right], .goOn)
                case 6: return (late + [Frames.answer(request, count: count + 1)], .goOn)
                case 7: return (late + [Array(right.prefix(dice(right.count)))], .goOn)
                case 8: return ([(0..<dice(40)).map { _ in UInt8(dice(256)) }], .goOn)
                case 9:
                    // A flipped bit is found by the checksum of a serial line; TCP has its own below.
                    var spoiled = right
                    if request.count == 8 { spoiled[dice(spoiled.count)] ^= 1 << UInt8(dice(8)) }
                    return (late + [spoiled], .goOn)
                case 10: return (late + [Frames.exception(request, UInt8(1 + dice(11)))], .goOn)
                case 11: return (late, kind == .pty ? .goOn : .close)
                default: return (late + [right], .goOn)
                }
            }
            for frame in frames { line.write(frame) }
            return ending
        }
    }

    @Test("no good value is another register's, whatever comes over the wire", arguments: cases)
    func storm(kind: RawServer.Kind, seed: UInt64) throws {
        let server = try Self.server(kind, seed: seed)
        let wake = WakeSignal()
        let client = ModbusClient(
            endpoint: server.endpoint, timing: LinkTiming(timeoutMilliseconds: 40), wake: wake)
        var random = SeededNumbers(seed: seed &* 31)
        var good = 0
        var wrong: [ReadRequest] = []
        // Answers that come too late on a loaded machine make the storm longer, and not the test fail.
        for _ in 0..<1500 where good < 30 {
            if !client.isConnected, client.connect(until: .max) != .connected { break }
            let request = ReadRequest(
                unit: UInt8.random(in: 1...3, using: &random),
                function: Bool.random(using: &random) ? .holdingRegisters : .inputRegisters,
                address: UInt16.random(in: 0...500, using: &random),
                count: [1, 2, 4, 4, 4, 10].randomElement(using: &random) ?? 1)
            do throws(ModbusFailure) {
                let count = try client.read(request)
                good += 1
                let right = (0..<count).allSatisfy {
                    client.words[$0]
                        == FaultStormTests.value(request.unit, request.function.rawValue, Int(request.address) + $0)
                }
                if !right { wrong.append(request) }
            } catch {
                continue
            }
        }
        #expect(wrong == [])
        #expect(good == 30)
    }
}
