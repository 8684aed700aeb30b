import Metering
import Modbus
import Synchronization
import Testing
import WireKit

@testable import Acquisition

/// Two masters on one line: the other one's questions are heard, and so are the answers to them.
@Suite("Another master on the line")
struct ForeignMasterTests {
    private final class Basket: ReadingSink {
        private let kept = Mutex<[PolledValue]>([])
        var all: [PolledValue] { kept.withLock { $0 } }
        func deliver(_ readings: [PolledValue], from meter: String) { kept.withLock { $0 += readings } }
    }

    private func frame(_ pdu: [UInt8]) -> [UInt8] { Frames.frame(pdu, for: []) }

    @Test(
        "answers to its questions are never taken, between polls or within them, and it is told of once",
        arguments: [RawServer.Kind.pty, .rtuOverTCP], [false, true])
    func notOurs(kind: RawServer.Kind, isSplit: Bool) throws {
        // It asks the same unit for one register of another address, as each question from here would; the device answers both.
        let server = try RawServer(kind) { request, number, line in
            let (unit, function, _, _) = Frames.fields(request)
            let other = frame([unit, function, 0x20, 0, 0, 1])
            let wrong = Frames.answer(other) { _ in 0xBAD }
            let right = Frames.answer(request) { _ in 7 }
            switch number % 4 {
            case 0: line.write(other + wrong)
            case 1: line.write(other + wrong + right)
            case 2:
                line.write(right)
                line.pause(milliseconds: 30)
                line.write(isSplit ? Array(other.prefix(3)) : other)
                if isSplit {
                    line.pause(milliseconds: 1)
                    line.write(Array(other.dropFirst(3)))
                }
                // Its device is slow: the answer may come when something is asked from here.
                line.pause(milliseconds: 60)
                line.write(wrong)
            default: line.write(right)
            }
            return .goOn
        }
        let transport: LinkTransport =
            switch server.endpoint {
            case .tcp(let host, let port), .rtuOverTCP(let host, let port): .rtuOverTCP(host: host, port: port)
            case .serial(let settings):
                .rtu(SerialLine(device: settings.device, baud: settings.baud, parity: .none, stopBits: 1))
            }
        let points = (0..<2).map { index in
            MeasuredPoint(
                index: PointIndex(index), name: "p\(index)", kind: .gauge,
                map: RegisterMap(table: .holding, address: 100 * UInt16(index), type: .uint16), interval: 100)
        }
        let meter = MeterDefinition(name: "m", link: "l", unit: 1, interval: 100, points: points, bridgeHoles: false)
        let told = Mutex<[AcquisitionEvent]>([])
        let basket = Basket()
        let worker = LinkWorker(
            link: LinkDefinition(name: "l", transport: transport, timeout: 150), meters: [meter], sink: basket,
            events: { event in told.withLock { $0.append(event) } }, seed: 3)
        worker.start()
        let isEnough = eventually {
            basket.all.count >= 30 && basket.all.count(where: { $0.quality == .good }) >= 8
        }
        worker.stop()
        #expect(isEnough)
        let good = basket.all.filter { $0.quality == .good }
        #expect(good.count >= 8)
        #expect(good.allSatisfy { $0.value == 7 }, "\(good.map(\.value))")
        let foreign = told.withLock { $0 }.filter { if case .foreignMaster = $0 { true } else { false } }
        #expect(foreign == [.foreignMaster(link: "l", units: [1])])
    }
}
