import Glibc
import Platform
import Synchronization
import Testing
import WireKit

@testable import Modbus

@Suite("The client takes no answer that is not one to its request")
struct ModbusClientTests {
    private static let transports = RawServer.Kind.allCases
    private let wake = WakeSignal()

    private func client(_ server: RawServer, timeout: Int64 = 150) -> ModbusClient {
        let client = ModbusClient(
            endpoint: server.endpoint, timing: LinkTiming(timeoutMilliseconds: timeout), wake: wake)
        #expect(client.connect(until: .max) == .connected)
        return client
    }

    private func holding(_ address: UInt16, _ count: Int, unit: UInt8 = 1) -> ReadRequest {
        ReadRequest(unit: unit, function: .holdingRegisters, address: address, count: count)
    }

    /// The registers of an answer, or why there is none.
    private func outcome(_ client: ModbusClient, _ request: ReadRequest) -> Result<[UInt16], ModbusFailure> {
        do throws(ModbusFailure) {
            let count = try client.read(request)
            return .success(Array(client.words[..<count]))
        } catch {
            return .failure(error)
        }
    }

    private func right(_ request: ReadRequest) -> Result<[UInt16], ModbusFailure> {
        .success((0..<request.count).map { request.address + UInt16($0) })
    }

    @Test("a right answer is taken, registers and bits", arguments: transports)
    func rightAnswer(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(1000, 125)) == right(holding(1000, 125)))
        let bits = ReadRequest(unit: 7, function: .discreteInputs, address: 3, count: 11)
        #expect(outcome(client, bits) == .success((3..<14).map { UInt16($0 & 1) }))
        #expect(
            outcome(client, ReadRequest(unit: 7, function: .coils, address: 0, count: 2000)).map(\.count)
                == .success(2000))
        #expect(client.counters == WireCounters())
    }

    @Test("a late answer is never taken for another register's of the same shape", arguments: transports)
    func lateAnswer(kind: RawServer.Kind) throws {
        let held = Mutex<[UInt8]?>(nil)
        let server = try RawServer(kind) { request, _, line in
            let first = held.withLock { held in
                defer { if held == nil { held = Frames.answer(request) } }
                return held == nil
            }
            if first { return .goOn }
            // The late answer comes right before the one to the next request, whichever that is.
            if let late = held.withLock({ held in
                defer { held = [] }
                return held
            }), !late.isEmpty {
                line.write(late)
            }
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(100, 10)) == .failure(.timeout))
        #expect(outcome(client, holding(200, 10)) == right(holding(200, 10)))
        #expect(outcome(client, holding(300, 10)) == right(holding(300, 10)))
        #expect(client.counters.late == 1)
    }

    @Test("a late answer of one register is not taken either", arguments: transports)
    func lateSingle(kind: RawServer.Kind) throws {
        let held = Mutex<[[UInt8]]>([])
        let server = try RawServer(kind) { request, number, line in
            if number <= 2 {
                held.withLock { $0.append(Frames.answer(request)) }
                return .goOn
            }
            for late in held.withLock({ held in
                defer { held = [] }
                return held
            }) { line.write(late) }
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = client(server, timeout: 80)
        #expect(outcome(client, holding(100, 1)) == .failure(.timeout))
        #expect(outcome(client, holding(100, 1)) == .failure(.timeout))
        #expect(outcome(client, holding(205, 1)) == right(holding(205, 1)))
        #expect(outcome(client, holding(206, 1)) == right(holding(206, 1)))
    }

    @Test("a second copy of an answer is drained", arguments: transports)
    func duplicates(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request) + Frames.answer(request))
            return .goOn
        }
        let client = client(server)
        for address in UInt16(0)..<40 {
            #expect(outcome(client, holding(address * 10, 4)) == right(holding(address * 10, 4)))
        }
        #expect(client.counters.late + client.counters.foreign >= 39)
    }

    @Test("answers of other units, functions and lengths are not taken", arguments: transports)
    func foreign(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            let (unit, function, address, count) = Frames.fields(request)
            switch number {
            case 1: line.write(Frames.answer(request, unit: unit + 1))
            case 2: line.write(Frames.answer(request, count: count + 1))
            case 3: line.write(Frames.frame([unit, function + 1, 2, 0, UInt8(address & 0xFF)], for: request))
            case 4: line.write(Frames.frame([unit, function, 4, 0, 1], for: request))
            case 5: line.write(Frames.answer(request, unit: unit + 1) + Frames.answer(request))
            default: line.write(Frames.answer(request))
            }
            return .goOn
        }
        let client = client(server, timeout: 60)
        for _ in 1...4 {
            if !client.isConnected { #expect(client.connect(until: .max) == .connected) }
            let result = outcome(client, holding(10, 1))
            #expect(result != right(holding(10, 1)))
            #expect(throws: ModbusFailure.self) { try result.get() }
        }
        #expect(outcome(client, holding(20, 3)) == right(holding(20, 3)))
        #expect(outcome(client, holding(30, 3)) == right(holding(30, 3)))
    }

    @Test("exceptions are told with their code", arguments: transports)
    func exceptions(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            line.write(Frames.exception(request, UInt8(number)))
            return .goOn
        }
        let client = client(server)
        for code in UInt8(1)...11 {
            #expect(outcome(client, holding(10, 2)) == .failure(.exception(code)))
        }
    }

    @Test("an answer that is cut short is none, and the next one is whole", arguments: transports)
    func truncated(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            let whole = Frames.answer(request)
            line.write(number == 1 ? Array(whole.dropLast(3)) : whole)
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 4)) == .failure(.timeout))
        #expect(client.counters.truncated == 1)
        #expect(client.connect(until: .max) == .connected)
        for address in UInt16(1)...5 {
            #expect(outcome(client, holding(address, 4)) == right(holding(address, 4)))
        }
    }

    @Test("an answer that drips in is whole before the deadline or none", arguments: transports)
    func dripping(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            for byte in Frames.answer(request) {
                line.write([byte])
                line.pause(milliseconds: number == 1 ? 3 : 25)
            }
            return .goOn
        }
        let client = client(server, timeout: 250)
        #expect(outcome(client, holding(10, 4)) == right(holding(10, 4)))
        #expect(outcome(client, holding(20, 40)) == .failure(.timeout))
    }

    @Test("a wrong checksum is found before the timeout", arguments: [RawServer.Kind.rtuOverTCP, .pty])
    func checksum(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            var frame = Frames.answer(request)
            if number == 1 { frame[5] ^= 0x40 }
            line.write(frame)
            return .goOn
        }
        let client = client(server, timeout: 2000)
        let began = MonotonicTime.now()
        #expect(outcome(client, holding(10, 4)) == .failure(.crc))
        #expect(MonotonicTime.now() - began < 1_000_000_000)
        #expect(outcome(client, holding(40, 4)) == right(holding(40, 4)))
        #expect(client.counters.garbled == 1)
    }

    @Test("so is that of an exception, which is shorter than the answer", arguments: [RawServer.Kind.rtuOverTCP, .pty])
    func checksumOfException(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            var frame = number == 1 ? Frames.exception(request, 2) : Frames.answer(request)
            if number == 1 { frame[3] ^= 0x40 }
            line.write(frame)
            return .goOn
        }
        let client = client(server, timeout: 2000)
        let began = MonotonicTime.now()
        #expect(outcome(client, holding(10, 4)) == .failure(.crc))
        #expect(MonotonicTime.now() - began < 1_000_000_000)
        #expect(outcome(client, holding(40, 4)) == right(holding(40, 4)))
        #expect(client.counters.garbled == 1)
    }

    @Test("rubbish before an answer is passed over", arguments: [RawServer.Kind.rtuOverTCP, .pty])
    func rubbish(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write([0, 0xFF, 1, 3, 8, 1] + Frames.answer(request))
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 4)) == right(holding(10, 4)))
    }

    @Test(
        "the echo of a request is no answer, also where it has the form of one",
        arguments: [RawServer.Kind.rtuOverTCP, .pty])
    func echo(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            line.write(request + (number > 1 ? Frames.answer(request) : []))
            return .goOn
        }
        let client = client(server)
        let bits = ReadRequest(unit: 5, function: .discreteInputs, address: 0x0310, count: 23)
        #expect(throws: ModbusFailure.self) { _ = try client.read(bits) }
        #expect(outcome(client, bits) == .success((0x0310..<0x0310 + 23).map { UInt16($0 & 1) }))
    }

    @Test("an answer that was cut short is not made whole with the beginning of the next one")
    func spliced() throws {
        let server = try RawServer(.tcp) { request, number, line in
            let answer = Frames.answer(request)
            line.write(number == 1 ? answer.dropLast() + Frames.answer(request, transaction: 0xABCD) : answer)
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 2)) == .failure(.frame))
        #expect(client.counters.truncated == 1)
        #expect(client.connect(until: .max) == .connected)
        #expect(outcome(client, holding(10, 2)) == right(holding(10, 2)))
    }

    @Test("a header that is none breaks the connection")
    func brokenStream() throws {
        let server = try RawServer(.tcp) { _, _, line in
            line.write([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 4)) == .failure(.frame))
        #expect(!client.isConnected)
    }

    @Test("a transaction that is not ours is drained until the deadline")
    func foreignTransaction() throws {
        let server = try RawServer(.tcp) { request, _, line in
            for id in UInt16(1)...20 { line.write(Frames.answer(request, transaction: id &* 977 | 0x8000)) }
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 100)) == right(holding(10, 100)))
        #expect(client.counters.late == 20)
    }

    @Test("a closed connection is a reset, and seen while idle", arguments: [RawServer.Kind.tcp, .rtuOverTCP])
    func closed(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            if number == 1 { return .close }
            line.write(Frames.answer(request))
            return Frames.fields(request).count == 4 ? .close : .goOn
        }
        let client = client(server)
        #expect(outcome(client, holding(10, 4)) == .failure(.reset))
        #expect(!client.isConnected)
        #expect(client.connect(until: .max) == .connected)
        #expect(outcome(client, holding(10, 4)) == right(holding(10, 4)))
        #expect(client.idle(until: MonotonicTime.now() + 5_000_000_000) == .closed)
    }

    @Test("nothing listening is refused; a device that is not there is no link")
    func nobody() throws {
        let port = try RawServer(.tcp) { _, _, _ in .goOn }.port
        let nobody = ModbusClient(
            endpoint: .tcp(host: "127.0.0.1", port: port), timing: LinkTiming(timeoutMilliseconds: 100), wake: wake)
        #expect(nobody.connect(until: .max) == .failed(.host("127.0.0.1", port: port, ECONNREFUSED)))
        let device = SerialSettings(device: "/dev/serial/none", baud: 9600, parity: .even, stopBits: 1)
        let absent = ModbusClient(
            endpoint: .serial(device), timing: LinkTiming(timeoutMilliseconds: 100), wake: wake)
        #expect(absent.connect(until: .max) == .failed(.device("/dev/serial/none", ENOENT)))
    }

    @Test("a rate that libmodbus does not know is refused and not taken for 9600")
    func unknownRate() throws {
        let server = try RawServer(.pty, baud: 12345) { _, _, _ in .goOn }
        let client = ModbusClient(
            endpoint: server.endpoint, timing: LinkTiming(timeoutMilliseconds: 100), wake: wake)
        guard case .serial(let settings) = server.endpoint else { throw CancellationError() }
        #expect(client.connect(until: .max) == .failed(.rate(settings.device, 12345)))
    }

    @Test("waiting ends when woken")
    func woken() throws {
        let server = try RawServer(.tcp) { _, _, _ in .goOn }
        let client = client(server)
        wake.raise()
        #expect(client.idle(until: .max) == .woken)
    }

    @Test("a host with several addresses is tried at each of them")
    func hostName() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = ModbusClient(
            endpoint: .tcp(host: "localhost", port: server.port), timing: LinkTiming(timeoutMilliseconds: 500),
            wake: wake)
        #expect(client.connect(until: .max) == .connected)
        #expect(outcome(client, holding(7, 2)) == right(holding(7, 2)))
    }

    @Test("a host that does not exist is no link")
    func unknownHost() {
        let client = ModbusClient(
            endpoint: .tcp(host: "300.1.2.3.4", port: 502), timing: LinkTiming(timeoutMilliseconds: 100), wake: wake)
        guard case .failed(let fault) = client.connect(until: .max) else {
            Issue.record("it is connected")
            return
        }
        #expect(fault.failure == .linkDown)
        #expect(fault.description.hasPrefix("the host name '300.1.2.3.4' is not known ("), "\(fault)")
    }

    @Test("a serial device is opened as somebody who was killed left it, also where it has no parity")
    func leftBehind() throws {
        let server = try RawServer(.pty) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        guard case .serial(var settings) = server.endpoint else { return }
        settings.parity = .even
        let before = ModbusClient(
            endpoint: .serial(settings), timing: LinkTiming(timeoutMilliseconds: 150), wake: wake)
        #expect(before.connect(until: .max) == .connected)
        var left = termios()
        let terminal = Glibc.open(settings.device, O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        #expect(tcgetattr(terminal, &left) == 0)
        // Who is killed does not put back what was before.
        before.disconnect()
        #expect(tcsetattr(terminal, TCSANOW, &left) == 0)
        let after = ModbusClient(endpoint: .serial(settings), timing: LinkTiming(timeoutMilliseconds: 2000), wake: wake)
        #expect(after.connect(until: .max) == .connected)
        #expect(outcome(after, holding(10, 4)) == right(holding(10, 4)))
    }

    @Test("a serial device that is pulled out is let go at once, asked or idle")
    func pulledOut() throws {
        var server: RawServer? = try RawServer(.pty) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let idle = client(try #require(server))
        let asking = client(try #require(server))
        #expect(outcome(asking, holding(7, 2)) == right(holding(7, 2)))
        server = nil
        #expect(idle.idle(until: MonotonicTime.now() + 5_000_000_000) == .closed)
        #expect(!idle.isConnected)
        #expect(outcome(asking, holding(7, 2)) == .failure(.linkDown))
        #expect(!asking.isConnected)
    }
}
