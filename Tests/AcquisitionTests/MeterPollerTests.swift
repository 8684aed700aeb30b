import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("A meter's poll")
struct MeterPollerTests {
    /// A device that answers from its own rules, without a wire.
    private final class Device: Asking {
        var asked: [ReadRequest] = []
        var illegal: Set<Int> = []
        var limit = 125
        var value: (Int) -> UInt16 = { UInt16($0) }
        var failure: (ReadRequest) -> ModbusFailure? = { _ in nil }
        var mayCome: (ReadRequest) -> Bool = { _ in false }
        private let cells = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: 2000)

        deinit { cells.deallocate() }

        func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
            asked.append(request)
            if let failure = failure(request) { throw failure }
            let range = Int(request.address)..<Int(request.address) + request.count
            if request.count > limit { throw .exception(3) }
            if range.contains(where: illegal.contains) { throw .exception(2) }
            for (index, address) in range.enumerated() { cells[index] = value(address) }
            return UnsafeBufferPointer(rebasing: cells[..<request.count])
        }

        func awaited(_ request: ReadRequest) -> LateAnswers.Awaited { mayCome(request) ? .outstanding : .nothing }
        func rest(nanoseconds: Int64) -> Bool { true }
    }

    private let link = LinkDefinition(name: "hall", transport: .tcp(host: "127.0.0.1", port: 502))

    private func point(
        _ index: PointIndex, _ address: UInt16, table: RegisterTable = .holding, type: RegisterType = .uint16,
        scaleRegister: UInt16? = nil, interval: Int64 = 1000, range: ClosedRange<Double>? = nil,
        frozenAfter: Int64? = nil
    ) -> MeasuredPoint {
        MeasuredPoint(
            index: index, name: "p\(index)", kind: .gauge,
            map: RegisterMap(table: table, address: address, type: type, scaleRegister: scaleRegister),
            interval: interval,
            range: range, frozenAfter: frozenAfter)
    }

    /// A line whose answers show only their shape.
    private let serial = LinkDefinition(
        name: "bus", transport: .rtuOverTCP(host: "127.0.0.1", port: 502), timeout: 300)

    private func poller(
        _ points: [MeasuredPoint], validWhen: Condition<PointIndex>? = nil, bridgeHoles: Bool = true,
        on line: LinkDefinition? = nil
    ) -> MeterPoller {
        let meter = MeterDefinition(
            name: "m", link: "hall", unit: 1, interval: 1000, points: points, bridgeHoles: bridgeHoles,
            validWhen: validWhen)
        return MeterPoller(meter, on: line ?? link, phase: 0, now: 0)
    }

    /// One slot served: the reasons by point, none for a good one, and how asking ended.
    @discardableResult
    private func serve(
        _ poller: MeterPoller, _ device: Device, slot: Int64 = 1
    ) -> (values: [PolledValue], outcome: MeterPoller.Outcome) {
        let now = slot * 1_000_000_000
        let outcome = poller.askAll(slot: slot, now: now, over: device)
        _ = poller.learn(now: now)
        let values = poller.values(slot: slot, now: now)
        poller.endSlot(answered: true)
        return (values, outcome)
    }

    @Test("on a serial line no two answers of a slot and the one before look alike")
    func tellsApart() {
        let device = Device()
        let points = [point(0, 0), point(1, 1000), point(2, 2000), point(3, 10, table: .coil, type: .bool)]
        let poller = poller(points, bridgeHoles: false, on: serial)
        for slot in Int64(1)...4 { #expect(serve(poller, device, slot: slot).outcome == .complete) }
        #expect(device.asked.map(\.count) == [1, 1, 2, 3, 9, 4, 5, 6, 1, 1, 2, 3, 9, 4, 5, 6])
        device.asked = []
        let networked = self.poller(points, bridgeHoles: false)
        for slot in Int64(1)...2 { serve(networked, device, slot: slot) }
        #expect(device.asked.map(\.count) == [1, 1, 1, 1, 1, 1, 1, 1])
    }

    @Test("a length whose answer may still come is not asked for, as long as there is another one")
    func avoidsAwaited() {
        let device = Device()
        let poller = poller([point(0, 100)], on: serial)
        device.mayCome = { $0.count <= 3 }
        for slot in Int64(1)...3 { #expect(serve(poller, device, slot: slot).values[0].value == 100) }
        #expect(device.asked.map(\.count) == [4, 5, 4])
        device.asked = []
        device.mayCome = { $0.count != 5 }
        for slot in Int64(4)...5 { #expect(serve(poller, device, slot: slot).values[0].value == 100) }
        #expect(device.asked.map(\.count) == [5, 5])
        device.mayCome = { _ in true }
        #expect(serve(poller, device, slot: 6).values[0].value == 100)
        #expect(device.asked.last?.count == 1)
    }

    @Test(
        "a longer request that once stays without an answer is asked again, known to be given or not",
        arguments: [1, 3])
    func silenceOnce(slot silentSlot: Int64) {
        let device = Device()
        let poller = poller([point(0, 0), point(1, 1000)], bridgeHoles: false, on: serial)
        for slot in Int64(1)...12 {
            device.failure = { $0.count > 1 && slot == silentSlot ? .timeout : nil }
            serve(poller, device, slot: slot)
        }
        #expect(Set(device.asked.suffix(4).map(\.count)) == [1, 2, 3, 4])
    }

    @Test("a device that answers one length only is asked for that one")
    func oneLength() {
        let device = Device()
        let poller = poller([point(0, 1)], on: serial)
        // Answers that were given up may come for ten seconds.
        var awaited: [Int: Int64] = [:]
        var slot: Int64 = 0
        device.failure = { request in
            guard request.count > 1 else { return nil }
            awaited[request.count] = slot + 10
            return .timeout
        }
        device.mayCome = { request in awaited[request.count].map { $0 > slot } ?? false }
        var good: [Int64] = []
        while slot < 60 {
            slot += 1
            let (values, outcome) = serve(poller, device, slot: slot)
            if values[0].quality == .good { good.append(slot) }
            if case .silent = outcome {
                poller.backOff.failed(now: slot * 1_000_000_000, cost: 0, interval: 1_000_000_000, alone: true)
            } else {
                poller.backOff.answered()
            }
        }
        #expect(good.count >= 45, "\(good)")
    }

    @Test("what was read is given before the rest is asked for, as far as that cannot change it")
    func givenInParts() {
        let device = Device()
        let condition = Condition<PointIndex>(.leaf(2), .equal, .number(2000))
        let poller = poller([point(0, 0), point(1, 1000, scaleRegister: 3000), point(2, 2000)], validWhen: condition)
        var parts: [[PointIndex]] = []
        let outcome = poller.askAll(slot: 1, now: 0, over: device) {
            parts.append(poller.values(slot: 1, now: 0, isOver: false).map(\.point))
        }
        #expect(outcome == .complete)
        // The status comes with the third of four requests, the scale with the last.
        #expect(parts == [[], [], [0, 2]])
        #expect(poller.values(slot: 1, now: 0).map(\.point) == [1])
        #expect(poller.values(slot: 1, now: 0).isEmpty)
    }

    @Test(
        "where the device refuses the cells beside, or keeps silent, the wanted ones are read without",
        arguments: [0, 2])
    func withoutExtra(exception: UInt8) {
        let device = Device()
        device.failure = { request in
            guard request.count > 1 else { return nil }
            return exception == 0 ? .timeout : .exception(exception)
        }
        let poller = poller([point(0, 0), point(1, 1000)], bridgeHoles: false, on: serial)
        for slot in Int64(1)...9 { serve(poller, device, slot: slot) }
        device.asked = []
        #expect(serve(poller, device, slot: 10).outcome == .complete)
        #expect(device.asked.map(\.count) == [1, 1])
    }

    @Test("all points of a slot come from the fewest requests")
    func fewest() {
        let device = Device()
        let (values, outcome) = serve(poller((0..<50).map { point($0, UInt16($0) * 2, type: .uint16) }), device)
        #expect(device.asked.count == 1)
        #expect(outcome == .complete)
        #expect(values.map(\.value) == (0..<50).map { Double($0 * 2) })
    }

    @Test("a refused register is isolated, its neighbours go on in the same slot, and later it is not asked")
    func isolates() {
        let device = Device()
        device.illegal = [37]
        let poller = poller((0..<60).map { point($0, UInt16($0)) })
        let (values, _) = serve(poller, device)
        #expect(values.filter { $0.quality == .bad }.map(\.point) == [37])
        #expect(values[37].reason == .exception(2))
        for slot in Int64(2)...3 {
            device.asked = []
            #expect(serve(poller, device, slot: slot).values.filter { $0.quality == .bad }.map(\.point) == [37])
            #expect(device.asked.map(\.count) == [37, 22, 1])
        }
        device.asked = []
        let again = serve(poller, device, slot: 4)
        #expect(device.asked.map(\.count) == [37, 22])
        #expect(again.values.filter { $0.quality == .bad }.map(\.point) == [37])
        device.illegal = []
        #expect(serve(poller, device, slot: 62).values[37].quality == .bad)
        #expect(serve(poller, device, slot: 63).values.allSatisfy { $0.quality == .good })
        device.asked = []
        #expect(serve(poller, device, slot: 64).outcome == .complete)
        #expect(device.asked.map(\.count) == [60])
    }

    @Test("a function that the device does not have is left out as a whole")
    func missingFunction() {
        let device = Device()
        device.failure = { $0.function == .coils ? .exception(1) : nil }
        let poller = poller(
            (0..<20).map { point($0, UInt16($0), table: $0 < 15 ? .coil : .holding, type: $0 < 15 ? .bool : .uint16) })
        for slot in Int64(1)...3 {
            device.asked = []
            #expect(serve(poller, device, slot: slot).values.count { $0.reason == .exception(1) } == 15)
            #expect(device.asked.count == 2)
        }
        device.asked = []
        #expect(serve(poller, device, slot: 4).values.count { $0.reason == .exception(1) } == 15)
        #expect(device.asked.count == 1)
    }

    @Test("what is refused once in a while is not believed, and shortens no request")
    func randomRefusals() {
        let device = Device()
        var count = 0
        device.failure = { _ in
            count += 1
            return count % 7 == 0 ? .exception(2) : nil
        }
        let poller = poller(
            (0..<40).map { point($0, UInt16($0)) } + (0..<9).map { point(40 + $0, 200 + 9 * UInt16($0)) })
        for slot in Int64(1)...300 { serve(poller, device, slot: slot) }
        device.failure = { _ in nil }
        for slot in Int64(301)...303 { serve(poller, device, slot: slot) }
        device.asked = []
        #expect(serve(poller, device, slot: 304).outcome == .complete)
        #expect(device.asked.count == 2)
        #expect(poller.refused.items.isEmpty)
    }

    @Test("a gap that the device refuses is learned, and every value still comes")
    func learnsGap() {
        let device = Device()
        device.illegal = [5]
        let poller = poller([point(0, 0), point(1, 4), point(2, 6), point(3, 9)])
        #expect(serve(poller, device).values.allSatisfy { $0.quality == .good })
        device.asked = []
        #expect(serve(poller, device, slot: 2).outcome == .complete)
        #expect(device.asked.map(\.address) == [0, 6])
    }

    @Test("a device's own smaller limit is learned")
    func learnsLimit() {
        let device = Device()
        device.limit = 60
        let poller = poller((0..<100).map { point($0, UInt16($0)) })
        #expect(serve(poller, device).values.allSatisfy { $0.quality == .good })
        device.asked = []
        #expect(serve(poller, device, slot: 2).outcome == .complete)
        #expect(device.asked.count == 2)
        #expect(poller.knownLimit == 50)
    }

    @Test("the greatest limit that saves a request is found", arguments: [(7, 12), (20, 4), (39, 3), (64, 2), (79, 2)])
    func findsLimit(limit: Int, requests: Int) {
        let device = Device()
        device.limit = limit
        let poller = poller((0..<80).map { point($0, UInt16($0)) })
        for slot in Int64(1)...20 {
            #expect(serve(poller, device, slot: slot).values.allSatisfy { $0.quality == .good })
        }
        device.asked = []
        #expect(serve(poller, device, slot: 21).outcome == .complete)
        #expect(device.asked.count == requests)
    }

    @Test("a seam that no request may span is told from a limit by a longer request that is answered")
    func learnsSeam() {
        let device = Device()
        device.failure = { $0.address < 4 && $0.count > 4 - Int($0.address) ? .exception(2) : nil }
        let poller = poller((0..<8).map { point($0, UInt16($0)) } + (0..<20).map { point(10 + $0, 100 + UInt16($0)) })
        for slot in Int64(1)...2 {
            #expect(serve(poller, device, slot: slot).values.allSatisfy { $0.quality == .good })
        }
        device.asked = []
        #expect(serve(poller, device, slot: 3).outcome == .complete)
        #expect(device.asked.map(\.count) == [4, 116])
        #expect(poller.knownLimit == nil)
    }

    @Test("a device that refuses everything is not believed")
    func refusesAll() {
        let device = Device()
        device.illegal = Set(0..<10)
        let poller = poller((0..<4).map { point($0, UInt16($0)) })
        #expect(serve(poller, device).values.allSatisfy { $0.reason == .exception(2) })
        #expect(poller.refused.items.isEmpty)
        device.asked = []
        serve(poller, device, slot: 2)
        #expect(device.asked.count == 1)
        device.illegal = []
        #expect(serve(poller, device, slot: 3).values.allSatisfy { $0.quality == .good })
    }

    @Test("after a timeout nothing more is asked, and the rest is bad for the same reason")
    func timeout() {
        let device = Device()
        device.failure = { $0.address >= 1000 ? .timeout : nil }
        let poller = poller([point(0, 0), point(1, 1000), point(2, 2000)])
        let (values, outcome) = serve(poller, device)
        #expect(device.asked.count == 2)
        #expect(values.map(\.reason) == [.none, .timeout, .timeout])
        #expect(outcome == .partial(.timeout))
    }

    @Test("a block that alone stays silent does not hold up the others for long")
    func silentBlock() {
        let device = Device()
        device.failure = { $0.address == 1000 ? .timeout : nil }
        let poller = poller([point(0, 0), point(1, 1000), point(2, 2000)])
        for slot in Int64(1)...2 { serve(poller, device, slot: slot) }
        device.asked = []
        var good = 0
        for slot in Int64(3)...62 where serve(poller, device, slot: slot).values[2].quality == .good { good += 1 }
        #expect(good >= 50)
        #expect(device.asked.filter { $0.address == 1000 }.count <= 8)
    }

    @Test("a busy device is asked again in the slot", arguments: [5, 6] as [UInt8])
    func busy(code: UInt8) {
        let device = Device()
        var left = 2
        device.failure = { _ in
            left -= 1
            return left >= 0 ? .exception(code) : nil
        }
        #expect(serve(poller([point(0, 0)]), device).outcome == .complete)
        #expect(device.asked.count == 3)
    }

    @Test("a gateway whose target does not answer says so of the unit", arguments: [10, 11] as [UInt8])
    func gateway(code: UInt8) {
        let device = Device()
        device.failure = { _ in .exception(code) }
        let (values, outcome) = serve(poller([point(0, 0), point(1, 1000)]), device)
        #expect(outcome == .silent(.exception(code)))
        #expect(device.asked.count == 1)
        #expect(values.allSatisfy { $0.reason == .exception(code) })
    }

    @Test("points with an interval of their own are read in its slots only")
    func intervals() {
        let device = Device()
        let poller = poller([point(0, 0), point(1, 1000, interval: 5000)])
        #expect(serve(poller, device, slot: 1).values.count == 2)
        let counts = (2...11).map { serve(poller, device, slot: Int64($0)).values.count }
        #expect(counts == [1, 1, 1, 2, 1, 1, 1, 1, 2, 1])
    }

    @Test("values outside their range are bad, at its edges they are good")
    func range() {
        let device = Device()
        device.value = { [0: 4, 1: 5, 2: 10, 3: 11][$0] ?? 0 }
        let values = serve(poller((0..<4).map { point($0, UInt16($0), range: 5...10) }), device).values
        #expect(values.map(\.reason) == [.outOfRange, .none, .none, .outOfRange])
    }

    @Test("where the meter's status does not hold, its other points are bad: across tables")
    func status() {
        let device = Device()
        let condition = Condition<PointIndex>(.leaf(1), .equal, .number(1))
        let poller = poller([point(0, 10), point(1, 1004, table: .discrete, type: .bool)], validWhen: condition)
        device.value = { $0 == 1004 ? 0 : 7 }
        #expect(serve(poller, device).values.map(\.reason) == [.status, .none])
        device.value = { $0 == 1004 ? 1 : 7 }
        #expect(serve(poller, device, slot: 2).values.map(\.reason) == [.none, .none])
        device.failure = { $0.function == .discreteInputs ? .exception(4) : nil }
        #expect(serve(poller, device, slot: 3).values.map(\.reason) == [.status, .exception(4)])
    }

    @Test("a value that stands for frozen_after is bad until it moves")
    func frozen() {
        let device = Device()
        var now: UInt16 = 5
        device.value = { _ in now }
        let poller = poller([point(0, 0, frozenAfter: 3000)])
        let reasons = (1...5).map { serve(poller, device, slot: Int64($0)).values[0].reason }
        #expect(reasons == [.none, .none, .none, .frozen, .frozen])
        now = 6
        #expect(serve(poller, device, slot: 6).values[0].reason == .none)
    }

    @Test("a scale register scales the values of its slot")
    func scaleRegister() {
        let device = Device()
        device.value = { $0 == 9 ? 0xFFFE : 12345 }
        let values = serve(poller([point(0, 0, scaleRegister: 9)]), device).values
        #expect(values[0].value == 123.45)
        device.illegal = [9]
        let bad = serve(poller([point(0, 0, scaleRegister: 9), point(1, 1)]), device).values
        #expect(bad.map(\.reason) == [.exception(2), .none])
    }
}
