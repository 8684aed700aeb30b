import Metering
import Modbus
import Synchronization
import WireKit

@testable import Acquisition

/// Keeps what was delivered, and lets a test wait for it.
final class ReadingBasket: ReadingSink {
    private let kept = Mutex<[(meter: String, values: [PolledValue])]>([])

    func deliver(_ readings: [PolledValue], from meter: String) { kept.withLock { $0.append((meter, readings)) } }

    var all: [(meter: String, values: [PolledValue])] { kept.withLock { $0 } }

    /// Waits until what came fulfils the condition; false after a minute.
    func waits(_ condition: ([(meter: String, values: [PolledValue])]) -> Bool) -> Bool {
        eventually { condition(all) }
    }
}

extension MeterDefinition {
    /// A meter with three points whose registers hold their own address, a hundred times the unit and on.
    static func three(_ name: String, unit: UInt8, first: PointIndex, interval: Int64 = 50) -> MeterDefinition {
        MeterDefinition(
            name: name, link: "l", unit: unit, interval: interval,
            points: (0..<3).map { offset in
                MeasuredPoint(
                    index: first + offset, name: "p\(offset)", kind: .gauge,
                    map: RegisterMap(table: .input, address: 100 * UInt16(unit) + UInt16(offset), type: .uint16),
                    interval: interval)
            })
    }
}

extension LinkWorker {
    /// A worker of one link; the order of its first requests is always the same.
    static func polling(
        _ transport: LinkTransport, _ meters: [MeterDefinition], _ basket: ReadingBasket, timeout: Int64 = 100,
        events: @escaping @Sendable (AcquisitionEvent) -> Void = { _ in }
    ) -> LinkWorker {
        LinkWorker(
            link: LinkDefinition(name: "l", transport: transport, timeout: timeout), meters: meters, sink: basket,
            events: events, seed: 7)
    }
}

extension RawServer {
    /// The link that leads to it.
    var transport: LinkTransport {
        switch endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .rtuOverTCP(let host, let port): .rtuOverTCP(host: host, port: port)
        case .serial(let settings):
            .rtu(SerialLine(device: settings.device, baud: settings.baud, parity: .none, stopBits: 1))
        }
    }
}
