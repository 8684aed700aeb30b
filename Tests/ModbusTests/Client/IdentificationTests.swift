import Platform
import Testing

@testable import Modbus

@Suite("Device identification")
struct IdentificationTests {
    /// A server that reads frames of its own length, since these requests are shorter than reads.
    private func device(_ endpoint: ServerFraming) throws -> (ModbusServer, ModbusClient) {
        let server = try ModbusServer([
            ServedLink(
                name: "l", endpoint: .port(host: "127.0.0.1", port: 0, framing: endpoint),
                units: [1: Named(pages: 2), 2: Named(pages: 0), 3: Named(pages: 99)])
        ])
        guard case .port(let port) = server.addresses[0] else { throw ModbusFailure.linkDown }
        let client = ModbusClient(
            endpoint: endpoint == .tcp
                ? .tcp(host: "127.0.0.1", port: port) : .rtuOverTCP(host: "127.0.0.1", port: port),
            timing: LinkTiming(timeoutMilliseconds: 2000), wake: WakeSignal())
        #expect(client.connect(until: .max) == .connected)
        return (server, client)
    }

    @Test("all pages of it are asked for, and reading goes on", arguments: [ServerFraming.tcp, .rtu])
    func pages(framing: ServerFraming) throws {
        let (server, client) = try device(framing)
        defer { server.stop() }
        #expect(try client.identify(1) == [0: "Works", 1: "Meter 1"])
        #expect(throws: ModbusFailure.exception(1)) { try client.identify(2) }
        let request = ReadRequest(unit: 1, function: .holdingRegisters, address: 0, count: 2)
        #expect(try client.read(request) == 2)
        #expect(client.counters == WireCounters())
    }

    @Test("a device that always has more to say is not listened to for ever", arguments: [ServerFraming.tcp, .rtu])
    func endless(framing: ServerFraming) throws {
        let (server, client) = try device(framing)
        defer { server.stop() }
        #expect(try client.identify(3).count == 8)
    }

    @Test("what is none is not taken for one")
    func rubbish() {
        let right: [UInt8] = [0x2B, 0x0E, 1, 1, 0, 0, 1, 0, 2, 65, 66]
        #expect(right.withUnsafeBytes { IdentificationPage($0)?.objects } == [0: "AB"])
        for length in 0..<right.count {
            #expect(right.prefix(length).withUnsafeBytes { IdentificationPage($0) } == nil)
        }
        let other: [UInt8] = [0x2B, 0x0D, 1, 1, 0, 0, 1, 0, 2, 65, 66]
        #expect(other.withUnsafeBytes { IdentificationPage($0) } == nil)
    }

    /// Says its name on so many pages, one object each.
    private struct Named: AnsweringUnit {
        let pages: Int
        let extent = RegisterExtent(holdings: 0..<10)

        func prepare(_ request: ServerRequest, in registers: inout RegisterBank) -> AnswerPlan {
            guard request.function == 0x2B else { return AnswerPlan() }
            let object = request.data[request.data.startIndex + 3]
            guard pages > 0 else { return AnswerPlan(.exception(1)) }
            let text = Array((object == 0 ? "Works" : "Meter \(object)").utf8)
            let more = Int(object) + 1 < pages
            return AnswerPlan(
                .data([0x0E, 2, 2, more ? 0xFF : 0, more ? object + 1 : 0, 1, object, UInt8(text.count)] + text))
        }
    }
}
