import Glibc
import Metering
import Modbus
import Platform
import Synchronization
import Testing
import WireKit

@testable import Acquisition

@Suite("A link to a host with a name")
struct HostLookUpTests {
    /// Counts good readings by meter.
    private final class Basket: ReadingSink {
        private let kept = Mutex<[String: (good: Int, reasons: Set<Reason>)]>([:])

        func deliver(_ readings: [PolledValue], from meter: String) {
            kept.withLock { kept in
                var entry = kept[meter] ?? (0, [])
                entry.good += readings.count { $0.quality == .good }
                entry.reasons.formUnion(readings.map(\.reason))
                kept[meter] = entry
            }
        }

        func good(_ meter: String) -> Int { kept.withLock { $0[meter]?.good ?? 0 } }
        func reasons(_ meter: String) -> Set<Reason> { kept.withLock { $0[meter]?.reasons ?? [] } }

        /// Waits until the condition holds; false after a minute.
        func waits(_ condition: (Basket) -> Bool) -> Bool { eventually { condition(self) } }
    }

    private func worker(
        _ name: String, _ transport: LinkTransport, _ basket: Basket, _ lookUp: @escaping HostLookUp
    ) -> LinkWorker {
        let point = MeasuredPoint(
            index: 0, name: "p", kind: .gauge, map: RegisterMap(table: .input, address: 7, type: .uint16), interval: 50)
        let link = LinkDefinition(name: name, transport: transport, timeout: 5000)
        let meter = MeterDefinition(name: name, link: name, unit: 1, interval: 50, points: [point])
        return LinkWorker(link: link, meters: [meter], sink: basket, events: { _ in }, seed: 3, lookUp: lookUp)
    }

    private func server(_ kind: RawServer.Kind = .tcp, answersUntil last: Int = .max) throws -> RawServer {
        try RawServer(kind) { request, number, line in
            line.write(Frames.answer(request))
            return number < last ? .goOn : .close
        }
    }

    private static func address(_ port: UInt16) -> [UInt8] {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    @Test("a name whose look-up hangs delays no other link, has bad readings, and lets itself be stopped")
    func hangs() throws {
        let gate = Gate()
        defer { gate.open() }
        let server = try server()
        let basket = Basket()
        let hanging = worker("hanging", .tcp(host: "gateway.plant", port: 502), basket) { _, _ in
            gate.pass()
            return []
        }
        let other = worker("other", .tcp(host: "127.0.0.1", port: server.port), basket) { _, _ in [] }
        hanging.start()
        other.start()
        #expect(basket.waits { $0.good("other") >= 10 && !$0.reasons("hanging").isEmpty })
        #expect(basket.reasons("other") == [.none])
        #expect(basket.reasons("hanging") == [.linkDown])
        hanging.stop()
        other.stop()
    }

    @Test("it is looked up again for each connection: a gateway with a new address is found", arguments: [true, false])
    func isLookedUpAgain(overTCP: Bool) throws {
        let first = try server(overTCP ? .tcp : .rtuOverTCP, answersUntil: 3)
        let second = try server(overTCP ? .tcp : .rtuOverTCP)
        let times = Times()
        let ports = [first.port, second.port]
        let basket = Basket()
        let worker = worker(
            "moved",
            overTCP ? .tcp(host: "gateway.plant", port: 502) : .rtuOverTCP(host: "gateway.plant", port: 502), basket
        ) { _, _ in
            [HostLookUpTests.address(ports[min(times.count.add(1, ordering: .relaxed).oldValue, 1)])]
        }
        worker.start()
        #expect(basket.waits { $0.good("moved") >= 6 })
        worker.stop()
        #expect(first.connections == 1)
        #expect(second.connections == 1)
    }

    private final class Times: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Lets nobody pass until it is opened.
    private final class Gate: Sendable {
        private let lock = WakeSignal()
        func open() { lock.raise() }
        func pass() { _ = Readiness.wait(lock.descriptor, until: .max) }
    }
}
