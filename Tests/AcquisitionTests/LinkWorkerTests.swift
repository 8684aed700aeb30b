import Metering
import Modbus
import Platform
import Synchronization
import Testing
import WireKit

@testable import Acquisition

@Suite("A link's worker over real sockets")
struct LinkWorkerTests {
    @Test(
        "all meters of a link share its one connection, and every value is the device's",
        arguments: RawServer.Kind.allCases)
    func shared(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            (1...4).map { MeterDefinition.three("m\($0)", unit: UInt8($0), first: PointIndex($0 * 10)) }, basket)
        worker.start()
        #expect(basket.waits { $0.count >= 40 })
        worker.stop()
        for (name, values) in basket.all {
            let unit = Double(name.dropFirst()) ?? 0
            #expect(values.map(\.quality) == [.good, .good, .good])
            #expect(values.map(\.value) == [100 * unit, 100 * unit + 1, 100 * unit + 2])
        }
        if kind != .pty { #expect(server.connections == 1) }
        let health = worker.health
        #expect(health.polls == basket.all.count)
        #expect(health.answers == health.polls)
        #expect(health.meters.allSatisfy { $0.medianRoundTrip != nil && $0.lastAnswer != nil })
        #expect(!health.connected)
    }

    @Test(
        "an answer that comes a second time, right before the next one, is never taken for that",
        arguments: RawServer.Kind.allCases)
    func duplicateBeforeNext(kind: RawServer.Kind) throws {
        let last = Mutex<[UInt8]>([])
        let server = try RawServer(kind) { request, _, line in
            let right = Frames.answer(request)
            line.write(
                last.withLock { last in
                    defer { last = right }
                    return last
                })
            line.write(right)
            return .goOn
        }
        let points = (0..<4).map { index in
            MeasuredPoint(
                index: PointIndex(index), name: "p\(index)", kind: .gauge,
                map: RegisterMap(table: .holding, address: 1000 * UInt16(index), type: .uint16), interval: 400)
        }
        let meter = MeterDefinition(
            name: "m", link: "l", unit: 1, interval: 400, points: points, bridgeHoles: false)
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(server.transport, [meter], basket, timeout: 300)
        worker.start()
        #expect(basket.waits { $0.count { $0.values.allSatisfy { $0.quality == .good } } >= 4 })
        worker.stop()
        for (_, values) in basket.all {
            for value in values where value.quality == .good { #expect(value.value == 1000 * Double(value.point)) }
        }
        #expect(worker.health.meters[0].wire.late + worker.health.meters[0].wire.foreign > 0)
    }

    @Test("while one meter is busy its neighbours have their slots", arguments: RawServer.Kind.allCases)
    func busyNeighbour(kind: RawServer.Kind) throws {
        let order = Mutex<[UInt8]>([])
        let server = try RawServer(kind) { request, _, line in
            let unit = Frames.fields(request).unit
            order.withLock { $0.append(unit) }
            line.write(unit == 2 ? Frames.exception(request, 6) : Frames.answer(request))
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            [
                MeterDefinition.three("m1", unit: 1, first: 10),
                MeterDefinition.three("m2", unit: 2, first: 20, interval: 2000),
            ],
            basket, timeout: 3000)
        worker.start()
        #expect(basket.waits { $0.contains { $0.meter == "m2" } })
        worker.stop()
        #expect(
            basket.all.filter { $0.meter == "m2" }.allSatisfy { $0.values.allSatisfy { $0.reason == .exception(6) } })
        #expect(basket.all.filter { $0.meter == "m1" }.allSatisfy { $0.values.allSatisfy { $0.quality == .good } })
        let asked = order.withLock { $0 }
        let tries = asked.indices.filter { asked[$0] == 2 }
        #expect(tries.count >= 4)
        // The longest wait between two tries is four slots of the neighbour.
        #expect(tries.count >= 4 && tries[3] - tries[2] > 1)
        // A slot that the stop cut short is not counted.
        #expect((0...1).contains(asked.count - worker.health.meters.map(\.requests).reduce(0, +)))
    }

    @Test("a link that does not echo transactions is told of once")
    func unnumbered() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request, transaction: 0))
            return .goOn
        }
        let told = Mutex<[AcquisitionEvent]>([])
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport, [MeterDefinition.three("m1", unit: 1, first: 10)], basket, timeout: 20,
            events: { event in told.withLock { $0.append(event) } })
        worker.start()
        #expect(basket.waits { $0.count >= 8 && !told.withLock { $0.isEmpty } })
        worker.stop()
        let unnumbered = told.withLock { $0 }.filter { $0 == .answersUnnumbered(link: "l") }
        #expect(unnumbered.count == 1)
    }

    @Test("bytes that follow one meter's answers cost its neighbours nothing", arguments: RawServer.Kind.allCases)
    func rubbishOfNeighbour(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            let rubbish: [UInt8] = Frames.fields(request).unit == 2 ? [0xDE, 0xAD, 0xBE, 0xEF] : []
            line.write(Frames.answer(request) + rubbish)
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport,
            [MeterDefinition.three("m1", unit: 1, first: 10), MeterDefinition.three("m2", unit: 2, first: 20)], basket,
            timeout: 2000)
        worker.start()
        #expect(basket.waits { $0.count { $0.meter == "m1" } >= 12 })
        worker.stop()
        for (_, values) in basket.all { #expect(values.allSatisfy { $0.quality == .good }) }
    }

    @Test("an answer that overtakes a later one is not taken for it", arguments: [RawServer.Kind.rtuOverTCP, .pty])
    func overtaken(kind: RawServer.Kind) throws {
        // A radio link: now and then an answer waits while the next ones pass.
        let held = Mutex<[UInt8]>([])
        let server = try RawServer(kind) { request, number, line in
            let answer = Frames.answer(request, value: { _ in UInt16(number) })
            if number % 8 == 1 {
                held.withLock { $0 = answer }
            } else {
                let late = held.withLock { held in
                    defer { if number % 8 == 3 { held = [] } }
                    return number % 8 == 3 ? held : []
                }
                line.write(late + answer)
            }
            return .goOn
        }
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(
            server.transport, [MeterDefinition.three("m1", unit: 1, first: 10, interval: 100)], basket, timeout: 60)
        worker.start()
        #expect(basket.waits { $0.count { $0.values[0].quality == .good } >= 20 })
        worker.stop()
        let taken = basket.all.filter { $0.values[0].quality == .good }.map { $0.values[0].value }
        #expect(taken.allSatisfy { Int($0) % 8 != 1 }, "\(taken)")
    }

    @Test("each slow answer gives its readings when it comes")
    func inParts() throws {
        let server = try RawServer(.rtuOverTCP) { request, _, line in
            line.pause(milliseconds: 30)
            line.write(Frames.answer(request))
            return .goOn
        }
        var apart = MeterDefinition.three("m1", unit: 1, first: 10, interval: 400)
        apart.points[2].map.address = 5000
        let basket = ReadingBasket()
        let worker = LinkWorker.polling(server.transport, [apart], basket, timeout: 2000)
        worker.start()
        #expect(basket.waits { $0.count >= 6 })
        worker.stop()
        for (index, part) in basket.all.enumerated() {
            #expect(part.values.map(\.point) == (index % 2 == 0 ? [10, 11] : [12]))
        }
    }

    @Test("a worker that follows another one goes on with its counts, for the meters that both have")
    func goesOn() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = ReadingBasket()
        let first = LinkWorker.polling(
            server.transport,
            [MeterDefinition.three("m1", unit: 1, first: 10), MeterDefinition.three("m2", unit: 2, first: 20)], basket)
        first.start()
        #expect(basket.waits { $0.count >= 8 })
        first.stop()
        let before = first.health
        let second = LinkWorker.polling(
            server.transport,
            [MeterDefinition.three("m2", unit: 2, first: 20), MeterDefinition.three("m3", unit: 3, first: 30)], basket)
        second.goOn(from: first)
        #expect(second.health.meters[0].polls == before.meters[1].polls)
        #expect(second.health.meters[0].medianRoundTrip == before.meters[1].medianRoundTrip)
        #expect(second.health.meters[1].polls == 0)
        #expect(second.health.connections == before.connections)
        second.start()
        let count = basket.all.count
        #expect(basket.waits { $0.count >= count + 4 })
        second.stop()
        #expect(second.health.polls + before.meters[0].polls == basket.all.count)
        #expect(second.health.connections == before.connections + 1)
    }
}
