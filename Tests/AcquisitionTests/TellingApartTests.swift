import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("A meter's answers on a serial line are told apart")
struct TellingApartTests: PollingOneMeter {
    @Test("on a serial line no two answers of a slot and the one before look alike")
    func tellsApart() {
        let device = ScriptedDevice()
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
        let device = ScriptedDevice()
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
        "a longer request that once stays without an answer is asked again: soon where it was answered before, else later"
    )
    func silenceOnce() {
        for (silentSlot, rest) in [(1, 40), (3, 0)] {
            let device = ScriptedDevice()
            let poller = poller([point(0, 0), point(1, 1000)], bridgeHoles: false, on: serial)
            for slot in 1...Int64(12 + 2 * rest) {
                device.failure = { $0.count > 1 && slot == silentSlot ? .timeout : nil }
                serve(poller, device, slot: slot)
            }
            // Silence may have any cause: the cells are not held to be refused.
            #expect(Set(device.asked.suffix(4).map(\.count)).count == 4, "\(silentSlot)")
            #expect(poller.planner.forbidden.isEmpty)
        }
    }

    @Test("an answer that comes very late is at least not another register's: each address has lengths of its own")
    func ownLengths() {
        let device = ScriptedDevice()
        let poller = poller((0..<3).map { point($0, 1000 * UInt16($0 + 1)) }, bridgeHoles: false, on: serial)
        var numbers = SplitMix64(seed: 5)
        var addresses: [Int: Set<UInt16>] = [:]
        for slot in Int64(1)...200 {
            let awaited = Int.random(in: 1...6, using: &numbers)
            device.mayCome = { $0.count == awaited }
            device.asked = []
            serve(poller, device, slot: slot)
            for request in device.asked { addresses[request.count, default: []].insert(request.address) }
        }
        #expect(addresses.count > 3)
        #expect(addresses.values.allSatisfy { $0.count == 1 }, "\(addresses)")
    }

    @Test("a device that answers one length only is asked for that one")
    func oneLength() {
        let device = ScriptedDevice()
        let poller = poller([point(0, 1)], on: serial)
        // Answers that were given up may come for ten seconds.
        var awaited: [Int: Int64] = [:]
        var slot: Int64 = 0
        device.failure = { request in
            // Once also the wanted one is lost.
            guard request.count > 1 || slot == 30 else { return nil }
            awaited[request.count] = slot + 10
            return .timeout
        }
        device.mayCome = { request in awaited[request.count].map { $0 > slot } ?? false }
        var good: [Int64] = []
        while slot < 60 {
            slot += 1
            if serve(poller, device, slot: slot).values[0].quality == .good { good.append(slot) }
        }
        #expect(good.count >= 45, "\(good)")
        #expect(!Set(good).isDisjoint(with: [31, 32]), "\(good)")
    }

    @Test("what was read is given before the rest is asked for, as far as that cannot change it")
    func givenInParts() {
        let device = ScriptedDevice()
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
    }

    @Test(
        "where the device refuses the cells beside, or keeps silent, the wanted ones are read without",
        arguments: [0, 2])
    func withoutExtra(exception: UInt8) {
        let device = ScriptedDevice()
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
}
