import Metering
import Modbus
import Platform
import Synchronization
import Testing
import WireKit

@testable import Acquisition

@Suite("A link's worker where devices fall silent and connections end")
struct LinkFailureTests {
    @Test("a silent meter gives bad readings and leaves its neighbours their slots", arguments: RawServer.Kind.allCases)
    func silentNeighbour(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            if Frames.fields(request).unit != 2 { line.write(Frames.answer(request)) }
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            [
                MeterDefinition.three("m1", unit: 1, first: 10, interval: 400),
                MeterDefinition.three("m2", unit: 2, first: 20, interval: 400),
            ],
            basket, timeout: 190)
        worker.start()
        #expect(basket.waits { $0.filter { $0.meter == "m1" }.count >= 15 })
        worker.stop()
        let healthy = basket.all.filter { $0.meter == "m1" }
        // On a busy machine the server itself may be late once.
        #expect(healthy.count { !$0.values.allSatisfy { $0.quality == .good } } <= 2)
        let silent = basket.all.filter { $0.meter == "m2" }
        #expect(silent.count >= 13)
        #expect(silent.allSatisfy { $0.values.count == 3 && $0.values.allSatisfy { $0.reason == .timeout } })
        let health = worker.health.meters
        #expect(health[0].skippedSlots * 3 <= health[0].polls)
        #expect(health[1].isProbing)
        // So short a trouble costs it none of its slots.
        #expect(health[1].restedSlots == 0)
    }

    @Test(
        "a reset is repeated once on a fresh connection, within the slot", arguments: [RawServer.Kind.tcp, .rtuOverTCP])
    func reset(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, number, line in
            if number % 5 == 0 { return .close }
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(server.transport, [MeterDefinition.three("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 20 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.allSatisfy { $0.quality == .good } })
        #expect(server.connections >= 4)
    }

    @Test(
        "a unit whose answers break the connection costs the others behind the gateway nothing",
        arguments: [false, true])
    func brokenByNeighbour(isTruncated: Bool) throws {
        let server = try RawServer(.tcp) { request, _, line in
            let answer = Frames.answer(request)
            if Frames.fields(request).unit == 1 { line.write(answer) }
            if Frames.fields(request).unit > 1 {
                line.write(isTruncated ? answer.dropLast() : [0xDE, 0xAD, 0xBE] + answer)
            }
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            [
                MeterDefinition.three("m1", unit: 1, first: 10), MeterDefinition.three("m2", unit: 2, first: 20),
                MeterDefinition.three("m3", unit: 3, first: 30),
            ], basket,
            timeout: 500)
        worker.start()
        #expect(basket.waits { $0.count { $0.meter == "m1" } >= 40 })
        worker.stop()
        for (meter, values) in basket.all {
            #expect(values.allSatisfy { ($0.quality == .good) == (meter == "m1") }, "\(meter)")
        }
    }

    @Test(
        "a device that closes after each answer is read request by request",
        arguments: [RawServer.Kind.tcp, .rtuOverTCP])
    func closesAfterAnswer(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request))
            return .close
        }
        let points = (0..<4).map { index in
            MeasuredPoint(
                index: PointIndex(index), name: "p\(index)", kind: .gauge,
                map: RegisterMap(table: .holding, address: 1000 * UInt16(index), type: .uint16), interval: 100)
        }
        let meter = MeterDefinition(name: "m", link: "l", unit: 1, interval: 100, points: points, bridgeHoles: false)
        let told = Mutex<[AcquisitionEvent]>([])
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport, [meter], basket, timeout: 500, events: { event in told.withLock { $0.append(event) } })
        worker.start()
        #expect(basket.waits { $0.count >= 10 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.allSatisfy { $0.quality == .good } })
        #expect(told.withLock { $0.allSatisfy { if case .learned = $0 { true } else { false } } })
        #expect(worker.health.meters[0].errors.isEmpty)
    }

    @Test("a unit that makes the gateway reset the connection costs its neighbours nothing, and is soon back")
    func resettingNeighbour() throws {
        let isBack = Atomic<Bool>(false)
        let server = try RawServer(.tcp) { request, _, line in
            if Frames.fields(request).unit == 2, !isBack.load(ordering: .relaxed) { return .close }
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            [
                MeterDefinition.three("m1", unit: 1, first: 10, interval: 20),
                MeterDefinition.three("m2", unit: 2, first: 20, interval: 100),
            ], basket,
            timeout: 500)
        worker.start()
        #expect(basket.waits { $0.count { $0.meter == "m1" } >= 100 })
        isBack.store(true, ordering: .relaxed)
        #expect(basket.waits { $0.contains { $0.meter == "m2" && $0.values[0].quality == .good } })
        worker.stop()
        let neighbour = basket.all.filter { $0.meter == "m1" }
        #expect(neighbour.count { !$0.values.allSatisfy { $0.quality == .good } } * 100 <= neighbour.count)
        let before = basket.all.prefix { $0.meter == "m1" || $0.values[0].quality == .bad }.filter { $0.meter == "m2" }
        #expect(before.allSatisfy { [.reset, .skipped].contains($0.values[0].reason) })
    }

    @Test("three timeouts in a row make a new connection")
    func reconnects() throws {
        let server = try RawServer(.tcp) { request, number, line in
            if number > 3 { line.write(Frames.answer(request)) }
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport, [MeterDefinition.three("m1", unit: 1, first: 10)], basket, timeout: 20)
        worker.start()
        #expect(basket.waits { $0.contains { $0.values[0].quality == .good } })
        worker.stop()
        #expect(server.connections == 2)
    }

    @Test("a link that is down gives every slot its bad readings, with the reason")
    func refused() throws {
        let port = try RawServer(.tcp) { _, _, _ in .goOn }.port
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            .tcp(host: "127.0.0.1", port: port), [MeterDefinition.three("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 10 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.map(\.reason) == [.refused, .refused, .refused] })
        #expect(worker.health.reason == .refused)
    }

    @Test("a device that is not there is link-down")
    func noDevice() {
        let line = SerialLine(device: "/dev/serial/none", baud: 9600, parity: .even, stopBits: 1)
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(.rtu(line), [MeterDefinition.three("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 3 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.allSatisfy { $0.reason == .linkDown } })
    }

    @Test("stopping takes no longer than the request under way")
    func stops() throws {
        let server = try RawServer(.tcp) { _, _, _ in .goOn }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport, [MeterDefinition.three("m1", unit: 1, first: 10, interval: 3_600_000)], basket,
            timeout: 300)
        worker.start()
        let began = MonotonicTime.now()
        worker.stop()
        #expect(MonotonicTime.now() - began < 1_000_000_000)
    }
}
