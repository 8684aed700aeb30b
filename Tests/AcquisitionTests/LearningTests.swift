import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("What is learned of a device")
struct LearningTests {
    private static let day: Int64 = 86_400_000
    private let link = LinkDefinition(name: "hall", transport: .tcp(host: "127.0.0.1", port: 502))
    private let began = Instant(milliseconds: 1_800_000_000_000)

    private func meter(_ addresses: [UInt16], unit: UInt8 = 1) -> MeterDefinition {
        MeterDefinition(
            name: "m", link: "hall", unit: unit, interval: 1000,
            points: addresses.enumerated().map { index, address in
                MeasuredPoint(
                    index: PointIndex(index), name: "p\(address)", kind: .gauge,
                    map: RegisterMap(table: .holding, address: address, type: .uint16), interval: 1000)
            })
    }

    private func poller(_ meter: MeterDefinition) -> MeterPoller { MeterPoller(meter, on: link, phase: 0, now: 0) }

    /// Serves the slot of that second, and says what it taught.
    @discardableResult
    private func serve(_ poller: MeterPoller, _ device: IllegalDevice, second: Int64) -> Learning {
        _ = poller.askAll(slot: second, now: second * 1_000_000_000, over: device)
        defer { poller.endSlot(answered: true) }
        return poller.learn(now: second * 1_000_000_000) ?? Learning()
    }

    @Test("it is told once, survives a restart, and what was refused is not asked for then")
    func restart() throws {
        let device = IllegalDevice([5, 12])
        let first = poller(meter([0, 1, 5, 8, 20]))
        let told = (1...4).map { serve(first, device, second: $0).refused }
        #expect(told == [[:], [:], [2: .exception(2)], [:]])
        let facts = first.facts(now: 4_000_000_000, wallClock: began)
        #expect(facts.refused.map(\.start) == [5])
        #expect(facts.since <= began.milliseconds - 1000)
        let second = poller(meter([0, 1, 5, 8, 20]))
        second.adopt(facts, now: 0, wallClock: began + 1000)
        device.asked = []
        #expect(!serve(second, device, second: 1).isNews)
        #expect(device.asked.map(\.address) == [0, 8, 20])
        #expect(second.facts(now: 0, wallClock: began + 1000) == facts)
        device.illegal = [12]
        device.asked = []
        #expect(serve(second, device, second: 60).accepted == [2])
        #expect(device.asked.last?.address == 5)
    }

    @Test("after a day all is tried anew; what is still refused is no news, what is given again is")
    func daily() {
        let device = IllegalDevice([5, 12])
        let poller = poller(meter([0, 1, 5, 8, 12, 20]))
        for second in Int64(1)...3 { serve(poller, device, second: second) }
        #expect(poller.refused.items == [2: .exception(2), 4: .exception(2)])
        device.illegal = [5]
        device.asked = []
        let learning = serve(poller, device, second: 86_404)
        #expect(device.asked.first?.count == 21)
        #expect(learning.refused.isEmpty)
        #expect(learning.accepted == [4])
        #expect(learning.isNews)
        #expect(poller.facts(now: 86_404_000_000_000, wallClock: began).since == began.milliseconds)
        #expect(!serve(poller, device, second: 86_405).isNews)
    }

    @Test(
        "what was learned more than a day before a start, or in the future, is tried anew at once", arguments: [-1, 2])
    func oldFacts(days: Int64) {
        let device = IllegalDevice([5])
        let first = poller(meter([0, 1, 5]))
        for second in Int64(1)...3 { serve(first, device, second: second) }
        let facts = first.facts(now: 3_000_000_000, wallClock: began)
        let second = poller(meter([0, 1, 5]))
        second.adopt(facts, now: 0, wallClock: began + days * LearningTests.day)
        device.asked = []
        #expect(serve(second, device, second: 1).refused.isEmpty)
        #expect(device.asked.first?.count == 6)
        #expect(second.refused.items == [2: .exception(2)])
    }

    @Test("another device behind the name starts afresh, and a corrected address is asked for")
    func otherDevice() {
        let device = IllegalDevice([5])
        let first = poller(meter([0, 1, 5]))
        for second in Int64(1)...3 { serve(first, device, second: second) }
        let facts = first.facts(now: 3_000_000_000, wallClock: began)
        let other = poller(meter([0, 1, 5], unit: 2))
        other.adopt(facts, now: 0, wallClock: began)
        #expect(other.refused.items.isEmpty)
        let corrected = poller(meter([0, 1, 6]))
        corrected.adopt(facts, now: 0, wallClock: began)
        #expect(serve(corrected, device, second: 1).refused.isEmpty)
        #expect(device.asked.suffix(2).map(\.address) == [0, 6])
    }

    @Test("a device that refuses everything is told of once a day")
    func refusesEverything() {
        let device = IllegalDevice(Set(0...9))
        let poller = poller(meter([0, 1, 5]))
        let told = [1, 5, 9, 11, 12].map { serve(poller, device, second: $0).refusesAll }
        #expect(told == [nil, nil, nil, 2, nil])
        device.illegal = []
        #expect(!serve(poller, device, second: 100).isNews)
        device.illegal = Set(0...9)
        for second in Int64(101)...130 { #expect(serve(poller, device, second: second).refusesAll == nil) }
    }

    @Test("a limit is kept, and told when it is settled")
    func limit() {
        let device = IllegalDevice([])
        device.limit = 40
        let first = poller(meter((0..<100).map { $0 }))
        let told = (1...12).compactMap { serve(first, device, second: $0).limit }
        #expect(told.count == 1)
        let second = poller(meter((0..<100).map { $0 }))
        second.adopt(first.facts(now: 12_000_000_000, wallClock: began), now: 0, wallClock: began)
        device.asked = []
        serve(second, device, second: 1)
        #expect(device.asked.count == 3)
        for slot in Int64(86_400)...86_420 { #expect(serve(second, device, second: slot).limit == nil) }
        #expect(second.facts(now: 86_420_000_000_000, wallClock: began).maxRegisters == told.first)
        device.limit = 125
        for slot in Int64(172_801)...172_803 { serve(second, device, second: slot) }
        #expect(second.facts(now: 172_803_000_000_000, wallClock: began).maxRegisters == nil)
    }

    /// Answers zeros, but for the registers it does not have.
    private final class IllegalDevice: Asking {
        var asked: [ReadRequest] = []
        var illegal: Set<Int>
        var limit = 125
        private let cells = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: 125)

        init(_ illegal: Set<Int>) {
            self.illegal = illegal
            cells.initialize(repeating: 0)
        }

        deinit { cells.deallocate() }

        func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
            asked.append(request)
            let range = Int(request.address)..<Int(request.address) + request.count
            if range.contains(where: illegal.contains) || request.count > limit { throw .exception(2) }
            return UnsafeBufferPointer(rebasing: cells[..<request.count])
        }

        func awaited(_ request: ReadRequest) -> LateAnswers.Awaited { .nothing }
        func rest(nanoseconds: Int64) -> Bool { true }
        func giveWay() {}
    }
}
