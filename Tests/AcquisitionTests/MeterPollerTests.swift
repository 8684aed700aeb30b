import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("A meter's poll")
struct MeterPollerTests: PollingOneMeter {
    @Test("all points of a slot come from the fewest requests")
    func fewest() {
        let device = ScriptedDevice()
        let (values, outcome) = serve(poller((0..<50).map { point($0, UInt16($0) * 2, type: .uint16) }), device)
        #expect(device.asked.count == 1)
        #expect(outcome == .complete)
        #expect(values.map(\.value) == (0..<50).map { Double($0 * 2) })
    }

    @Test("a refused register is isolated, its neighbours go on in the same slot, and later it is not asked")
    func isolates() {
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
        device.illegal = [5]
        let poller = poller([point(0, 0), point(1, 4), point(2, 6), point(3, 9)])
        #expect(serve(poller, device).values.allSatisfy { $0.quality == .good })
        device.asked = []
        #expect(serve(poller, device, slot: 2).outcome == .complete)
        #expect(device.asked.map(\.address) == [0, 6])
    }

    @Test("a device's own smaller limit is learned")
    func learnsLimit() {
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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

    @Test("silence for one request says nothing about the others; after two in a row without an answer the slot ends")
    func timeout() {
        let device = ScriptedDevice()
        device.failure = { $0.address == 1000 ? .timeout : nil }
        let poller = poller([point(0, 0), point(1, 1000), point(2, 2000)])
        let (values, outcome) = serve(poller, device)
        #expect(values.map(\.reason) == [.none, .timeout, .none])
        #expect(outcome == .partial(.timeout))
        device.failure = { $0.address >= 1000 ? .timeout : nil }
        let many = self.poller((0..<5).map { point($0, 1000 * UInt16($0)) })
        // What was not sent ran into no timeout, and is asked first in the next slot.
        #expect(serve(many, device).values.map(\.reason) == [.none, .timeout, .timeout, .skipped, .skipped])
        #expect(serve(many, device, slot: 2).values.map(\.reason) == [.none, .skipped, .skipped, .timeout, .timeout])
    }

    @Test("a busy device is asked again in the slot", arguments: [5, 6] as [UInt8])
    func busy(code: UInt8) {
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
        device.failure = { _ in .exception(code) }
        let poller = poller([point(0, 0), point(1, 1000)])
        let (values, outcome) = serve(poller, device)
        #expect(outcome == .silent(.exception(code)))
        #expect(device.asked.count == 2)
        device.asked = []
        // Who was silent in the slot before is only looked for.
        serve(poller, device, slot: 2)
        #expect(device.asked.count == 1)
        #expect(values.allSatisfy { $0.reason == .exception(code) })
    }

    @Test("points with an interval of their own are read in its slots only")
    func intervals() {
        let device = ScriptedDevice()
        let poller = poller([point(0, 0), point(1, 1000, interval: 5000)])
        #expect(serve(poller, device, slot: 1).values.count == 2)
        let counts = (2...11).map { serve(poller, device, slot: Int64($0)).values.count }
        #expect(counts == [1, 1, 1, 2, 1, 1, 1, 1, 2, 1])
    }

    @Test("values outside their range are bad, at its edges they are good")
    func range() {
        let device = ScriptedDevice()
        device.value = { [0: 4, 1: 5, 2: 10, 3: 11][$0] ?? 0 }
        let values = serve(poller((0..<4).map { point($0, UInt16($0), range: 5...10) }), device).values
        #expect(values.map(\.reason) == [.outOfRange, .none, .none, .outOfRange])
    }

    @Test("where the meter's status does not hold, its other points are bad: across tables")
    func status() {
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
        device.value = { $0 == 9 ? 0xFFFE : 12345 }
        let values = serve(poller([point(0, 0, scaleRegister: 9)]), device).values
        #expect(values[0].value == 123.45)
        device.illegal = [9]
        let bad = serve(poller([point(0, 0, scaleRegister: 9), point(1, 1)]), device).values
        #expect(bad.map(\.reason) == [.exception(2), .none])
    }
}
