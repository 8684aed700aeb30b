import Metering
import Modbus
import Platform
import Synchronization
import Testing

@testable import Acquisition

@Suite("A link's worker over real sockets")
struct LinkWorkerTests {
    /// Keeps what was delivered, and lets a test wait for it.
    private final class Basket: ReadingSink {
        private let kept = Mutex<[(meter: String, values: [PolledValue])]>([])

        func deliver(_ readings: [PolledValue], from meter: String) { kept.withLock { $0.append((meter, readings)) } }

        var all: [(meter: String, values: [PolledValue])] { kept.withLock { $0 } }

        /// Waits until what came fulfils the condition; false after a minute.
        func waits(_ condition: ([(meter: String, values: [PolledValue])]) -> Bool) -> Bool {
            let limit = MonotonicTime.now() + 60_000_000_000
            while !condition(all) {
                guard MonotonicTime.now() < limit else { return false }
                Readiness.sleep(until: MonotonicTime.now() + 2_000_000)
            }
            return true
        }
    }

    private func meter(_ name: String, unit: UInt8, first: PointIndex, interval: Int64 = 50) -> MeterDefinition {
        MeterDefinition(
            name: name, link: "l", unit: unit, interval: interval,
            points: (0..<3).map { offset in
                MeasuredPoint(
                    index: first + offset, name: "p\(offset)", kind: .gauge,
                    map: RegisterMap(table: .input, address: 100 * UInt16(unit) + UInt16(offset), type: .uint16),
                    interval: interval)
            })
    }

    private func worker(
        _ transport: LinkTransport, _ meters: [MeterDefinition], _ basket: Basket, timeout: Int64 = 100,
        events: @escaping @Sendable (AcquisitionEvent) -> Void = { _ in }
    ) -> LinkWorker {
        LinkWorker(
            link: LinkDefinition(name: "l", transport: transport, timeout: timeout), meters: meters, sink: basket,
            events: events, seed: 7)
    }

    private func transport(_ server: RawServer) -> LinkTransport {
        switch server.endpoint {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .rtuOverTCP(let host, let port): .rtuOverTCP(host: host, port: port)
        case .serial(let settings):
            .rtu(SerialLine(device: settings.device, baud: settings.baud, parity: .none, stopBits: 1))
        }
    }

    @Test(
        "all meters of a link share its one connection, and every value is the device's",
        arguments: RawServer.Kind.allCases)
    func shared(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = Basket()
        let worker = worker(
            transport(server), (1...4).map { meter("m\($0)", unit: UInt8($0), first: PointIndex($0 * 10)) }, basket)
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

    @Test("a silent meter gives bad readings and leaves its neighbours their slots", arguments: RawServer.Kind.allCases)
    func silentNeighbour(kind: RawServer.Kind) throws {
        let server = try RawServer(kind) { request, _, line in
            if Frames.fields(request).unit != 2 { line.write(Frames.answer(request)) }
            return .goOn
        }
        let basket = Basket()
        let worker = worker(
            transport(server),
            [meter("m1", unit: 1, first: 10, interval: 400), meter("m2", unit: 2, first: 20, interval: 400)],
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
        let basket = Basket()
        let worker = worker(transport(server), [meter("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 20 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.allSatisfy { $0.quality == .good } })
        #expect(server.connections >= 4)
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
        let basket = Basket()
        let worker = worker(transport(server), [meter], basket, timeout: 300)
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
        let basket = Basket()
        let worker = worker(
            transport(server), [meter("m1", unit: 1, first: 10), meter("m2", unit: 2, first: 20, interval: 2000)],
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
        let basket = Basket()
        let worker = worker(
            transport(server), [meter("m1", unit: 1, first: 10)], basket, timeout: 20,
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
        let basket = Basket()
        let worker = worker(
            transport(server), [meter("m1", unit: 1, first: 10), meter("m2", unit: 2, first: 20)], basket,
            timeout: 2000)
        worker.start()
        #expect(basket.waits { $0.count { $0.meter == "m1" } >= 12 })
        worker.stop()
        for (_, values) in basket.all { #expect(values.allSatisfy { $0.quality == .good }) }
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
        let basket = Basket()
        let worker = worker(
            transport(server),
            [meter("m1", unit: 1, first: 10), meter("m2", unit: 2, first: 20), meter("m3", unit: 3, first: 30)], basket,
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
        let basket = Basket()
        let worker = worker(
            transport(server), [meter], basket, timeout: 500, events: { event in told.withLock { $0.append(event) } })
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
        let basket = Basket()
        let worker = worker(
            transport(server),
            [meter("m1", unit: 1, first: 10, interval: 20), meter("m2", unit: 2, first: 20, interval: 100)], basket,
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
        let basket = Basket()
        let worker = worker(transport(server), [meter("m1", unit: 1, first: 10, interval: 100)], basket, timeout: 60)
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
        var apart = meter("m1", unit: 1, first: 10, interval: 400)
        apart.points[2].map.address = 5000
        let basket = Basket()
        let worker = worker(transport(server), [apart], basket, timeout: 2000)
        worker.start()
        #expect(basket.waits { $0.count >= 6 })
        worker.stop()
        for (index, part) in basket.all.enumerated() {
            #expect(part.values.map(\.point) == (index % 2 == 0 ? [10, 11] : [12]))
        }
    }

    @Test("three timeouts in a row make a new connection")
    func reconnects() throws {
        let server = try RawServer(.tcp) { request, number, line in
            if number > 3 { line.write(Frames.answer(request)) }
            return .goOn
        }
        let basket = Basket()
        let worker = worker(transport(server), [meter("m1", unit: 1, first: 10)], basket, timeout: 20)
        worker.start()
        #expect(basket.waits { $0.contains { $0.values[0].quality == .good } })
        worker.stop()
        #expect(server.connections == 2)
    }

    @Test("a link that is down gives every slot its bad readings, with the reason")
    func refused() throws {
        let port = try RawServer(.tcp) { _, _, _ in .goOn }.port
        let basket = Basket()
        let worker = worker(.tcp(host: "127.0.0.1", port: port), [meter("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 10 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.map(\.reason) == [.refused, .refused, .refused] })
        #expect(worker.health.reason == .refused)
    }

    @Test("a device that is not there is link-down")
    func noDevice() {
        let line = SerialLine(device: "/dev/serial/none", baud: 9600, parity: .even, stopBits: 1)
        let basket = Basket()
        let worker = worker(.rtu(line), [meter("m1", unit: 1, first: 10)], basket)
        worker.start()
        #expect(basket.waits { $0.count >= 3 })
        worker.stop()
        #expect(basket.all.allSatisfy { $0.values.allSatisfy { $0.reason == .linkDown } })
    }

    @Test("a worker that follows another one goes on with its counts, for the meters that both have")
    func goesOn() throws {
        let server = try RawServer(.tcp) { request, _, line in
            line.write(Frames.answer(request))
            return .goOn
        }
        let basket = Basket()
        let first = worker(
            transport(server), [meter("m1", unit: 1, first: 10), meter("m2", unit: 2, first: 20)], basket)
        first.start()
        #expect(basket.waits { $0.count >= 8 })
        first.stop()
        let before = first.health
        let second = worker(
            transport(server), [meter("m2", unit: 2, first: 20), meter("m3", unit: 3, first: 30)], basket)
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

    @Test("stopping takes no longer than the request under way")
    func stops() throws {
        let server = try RawServer(.tcp) { _, _, _ in .goOn }
        let basket = Basket()
        let worker = worker(
            transport(server), [meter("m1", unit: 1, first: 10, interval: 3_600_000)], basket, timeout: 300)
        worker.start()
        let began = MonotonicTime.now()
        worker.stop()
        #expect(MonotonicTime.now() - began < 1_000_000_000)
    }
}
