import Glibc
import Platform
import Testing
import WireKit

@testable import Modbus

@Suite("Where a client connects")
struct AddressTests {
    private struct Registers: AnsweringUnit {
        let extent = RegisterExtent(holdings: 0..<10)
        func prepare(_ request: ServerRequest, in registers: inout RegisterBank) -> AnswerPlan { AnswerPlan() }
    }

    /// Whether this machine has IPv6 at all.
    private static let hasIPv6: Bool = {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }()

    @Test("an IPv6 address", .enabled(if: hasIPv6, "no IPv6 on this machine"), arguments: [ServerFraming.tcp, .rtu])
    func ipv6(framing: ServerFraming) throws {
        let server = try ModbusServer([
            ServedLink(name: "l", endpoint: .port(host: "::1", port: 0, framing: framing), units: [1: Registers()])
        ])
        defer { server.stop() }
        guard case .port(let port) = server.addresses[0] else { return }
        let client = ModbusClient(
            endpoint: framing == .tcp ? .tcp(host: "::1", port: port) : .rtuOverTCP(host: "::1", port: port),
            timing: LinkTiming(timeoutMilliseconds: 5000), wake: WakeSignal())
        #expect(client.connect(until: .max) == .connected)
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: 3)
        #expect(try client.read(request) == 3)
    }

    @Test("a name is looked up beside everything else: waiting ends at its moment, and when woken")
    func lookUp() {
        let wake = WakeSignal()
        let client = ModbusClient(
            endpoint: .tcp(host: "no-such-host.invalid", port: 502), timing: LinkTiming(timeoutMilliseconds: 100),
            wake: wake)
        while client.connect(until: MonotonicTime.now() + 1_000_000) == .pending {}
        let first = client.connect(until: .max)
        guard case .failed(let fault) = first else { Issue.record("\(first)"); return }
        #expect(fault.failure == .linkDown)
        #expect(fault.description.hasPrefix("the host name 'no-such-host.invalid' is not known ("), "\(fault)")
        wake.raise()
        let state = client.connect(until: .max)
        #expect(state == .pending || state == first)
    }

    @Test("a connection of which the other side is gone without a word is noticed", arguments: [false, true])
    func keepAlive(serialFrames: Bool) throws {
        let server = try RawServer(serialFrames ? .rtuOverTCP : .tcp) { _, _, _ in .goOn }
        let client = ModbusClient(
            endpoint: server.endpoint, timing: LinkTiming(timeoutMilliseconds: 5000), wake: WakeSignal())
        #expect(client.connect(until: .max) == .connected)
        let descriptor = client.line?.descriptor ?? -1
        func option(_ level: Int32, _ option: Int32) -> Int32 {
            var value: Int32 = -1
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, level, option, &value, &size)
            return value
        }
        let tcp = Int32(IPPROTO_TCP)
        #expect(option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(tcp, TCP_KEEPIDLE) == 30)
        #expect(option(tcp, TCP_KEEPINTVL) * option(tcp, TCP_KEEPCNT) == 30)
        // Three timeouts, in milliseconds.
        #expect(option(tcp, TCP_USER_TIMEOUT) == 15_000)
    }

    @Test(
        "a gateway has its pause after connecting, and not before each request",
        arguments: [RawServer.Kind.tcp, .rtuOverTCP])
    func pauseAfterConnect(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let client = ModbusClient(
            endpoint: server.endpoint,
            timing: LinkTiming(timeoutMilliseconds: 5000, pauseAfterConnectMilliseconds: 300), wake: WakeSignal())
        let began = MonotonicTime.now()
        #expect(client.connect(until: .max) == .connected)
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: 3)
        #expect(try client.read(request) == 3)
        #expect(MonotonicTime.now() - began >= 300_000_000)
        // Not one that counts the time from here again.
        let earliest = MonotonicTime.now()
        #expect(client.quietAt < earliest + 100_000_000)
        #expect(try client.read(request) == 3)
    }

    @Test("a gateway that answers with transaction 0 is told from late answers, and its answers are not taken")
    func unnumbered() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request, transaction: 0))
            return .goOn
        }
        let client = ModbusClient(
            endpoint: server.endpoint, timing: LinkTiming(timeoutMilliseconds: 1000), wake: WakeSignal(),
            firstTransaction: 7)
        #expect(client.connect(until: .max) == .connected)
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: 3)
        #expect(throws: ModbusFailure.frame) { try client.read(request) }
        #expect(client.counters.unnumbered == 1)
        #expect(client.counters.late == 0)
    }
}
