import Glibc
import Testing

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
        #expect(client.connect(until: .max) == .failed(.linkDown))
        wake.raise()
        let state = client.connect(until: .max)
        #expect(state == .pending || state == .failed(.linkDown))
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
