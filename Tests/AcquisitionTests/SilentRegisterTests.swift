import Metering
import Modbus
import Testing

@testable import Acquisition

/// Some devices say nothing about registers that they do not have, hang up, or answer with another length.
@Suite("Registers that a device does not give, without an exception")
struct SilentRegisterTests: PollingOneMeter {
    /// Where the missing register stands.
    enum Place: CaseIterable { case last, first, inside, hole }

    private func points(_ place: Place) -> (points: [MeasuredPoint], missing: Int, bridged: Bool) {
        switch place {
        case .last: ([point(0, 100), point(1, 110), point(2, 200)], 200, false)
        case .first: ([point(2, 50), point(0, 100), point(1, 110)], 50, false)
        case .inside: ([point(0, 100), point(1, 102), point(2, 101)], 101, false)
        case .hole: ([point(0, 100), point(1, 110)], 105, true)
        }
    }

    @Test(
        "what the device has is read, wherever the missing register stands, which is named and left out of the requests",
        arguments: Place.allCases, [ModbusFailure.timeout, .reset, .length, .exception(11)])
    func places(place: Place, failure: ModbusFailure) {
        let device = ScriptedDevice()
        let (points, missing, bridged) = points(place)
        device.failure = { request in
            (Int(request.address)..<Int(request.address) + request.count).contains(missing) ? failure : nil
        }
        let poller = poller(points, bridgeHoles: bridged)
        var good = [0, 0, 0]
        var told: [Int: ModbusFailure] = [:]
        for slot in Int64(1)...30 {
            let now = slot * 1_000_000_000
            _ = poller.askAll(slot: slot, now: now, over: device)
            told.merge((poller.learn(now: now) ?? Learning()).refused) { _, new in new }
            for value in poller.values(slot: slot, now: now) where value.quality == .good {
                good[Int(value.point)] += 1
                #expect(value.value == points.first { $0.index == value.point }.map { Double($0.map.address) })
            }
            poller.endSlot(answered: true)
        }
        #expect(good[0] >= 24 && good[1] >= 24 && good[2] == 0, "\(good)")
        let item = poller.items.firstIndex { $0.address == missing }
        #expect(told == (item.map { [$0: failure] } ?? [:]))
        device.asked = []
        let values = serve(poller, device, slot: 31).values
        #expect(device.asked.allSatisfy { !(Int($0.address)..<Int($0.address) + $0.count).contains(missing) })
        let reason: Reason = failure == .timeout ? .skipped : failure.reason
        #expect(values.filter { $0.point == 2 }.allSatisfy { $0.reason == reason })
        // It is kept, and told of as it was.
        let wallClock = Instant(milliseconds: 1_800_000_000_000)
        let next = self.poller(points, bridgeHoles: bridged)
        next.adopt(poller.facts(now: 31_000_000_000, wallClock: wallClock), now: 0, wallClock: wallClock + 1000)
        #expect(next.refused.items == (item.map { [$0: failure] } ?? [:]))
        device.asked = []
        serve(next, device, slot: 1)
        #expect(device.asked.allSatisfy { !(Int($0.address)..<Int($0.address) + $0.count).contains(missing) })
    }

    @Test("answers that are lost by chance make no register missing, no gap and no limit", arguments: [UInt64](1...20))
    func lostByChance(seed: UInt64) {
        let device = ScriptedDevice()
        var random = SplitMix64(seed: seed)
        device.failure = { _ in Int.random(in: 0..<20, using: &random) == 0 ? .timeout : nil }
        let poller = poller(
            (0..<20).map { point($0, 2 * UInt16($0)) } + (0..<4).map { point(20 + $0, 1000 * UInt16($0 + 1)) })
        var good = 0
        for slot in Int64(1)...500 {
            good += serve(poller, device, slot: slot).values.count { $0.quality == .good }
        }
        #expect(poller.refused.items.isEmpty)
        #expect(poller.planner.forbidden.isEmpty)
        #expect(poller.knownLimit == nil)
        #expect(good > 500 * 24 * 88 / 100, "\(good)")
    }

    @Test("after an outage of the whole meter everything is read in the next slot")
    func outage() {
        let device = ScriptedDevice()
        var isOut = false
        device.failure = { _ in isOut ? .timeout : nil }
        let poller = poller((0..<4).map { point($0, 1000 * UInt16($0)) })
        for slot in Int64(1)...60 {
            isOut = (5..<50).contains(slot)
            device.asked = []
            let values = serve(poller, device, slot: slot).values
            #expect(values.allSatisfy { ($0.quality == .good) != isOut }, "\(slot)")
            if slot > 5, isOut { #expect(device.asked.count == 1) }
        }
    }

    @Test("nonsense in place of one answer is no matter of the registers, and costs the others nothing")
    func nonsense() {
        let device = ScriptedDevice()
        device.failure = { $0.address == 1000 ? .crc : nil }
        let poller = poller([point(0, 0), point(1, 1000), point(2, 2000)])
        for slot in Int64(1)...20 {
            let values = serve(poller, device, slot: slot).values
            #expect(values[0].quality == .good && values[2].quality == .good)
        }
        #expect(poller.refused.items.isEmpty)
        device.failure = { _ in nil }
        let back = (21...90).first { serve(poller, device, slot: Int64($0)).outcome == .complete }
        #expect(back != nil)
    }
}
