import Metering
import Modbus
import Testing

@testable import Acquisition

@Suite("A meter whose addresses count from a SunSpec model")
struct SunSpecMeterTests {
    /// A device with a chain of models, and nothing else.
    private final class Device: Asking {
        var registers: [Int: UInt16] = [:]
        var asked: [Int] = []
        var failure: (ReadRequest) -> ModbusFailure? = { _ in nil }
        /// What is answered in place of the registers.
        var instead: (ReadRequest) -> [UInt16]? = { _ in nil }
        private let cells = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: 2000)

        /// The common model, and those of that number and length; 18 registers after its number each has 7 of its address.
        init(_ models: [(number: UInt16, length: UInt16)], base: Int = 40_000) {
            put([0x5375, 0x6E53, 1, 66], at: base)
            for offset in 4..<70 { registers[base + offset] = 0x4141 }
            var address = base + 70
            for model in models {
                for offset in 0..<Int(model.length) + 2 { registers[address + offset] = 0 }
                put([model.number, model.length], at: address)
                registers[address + 18] = model.number
                address += Int(model.length) + 2
            }
            put([0xFFFF, 0], at: address)
        }

        deinit { cells.deallocate() }

        private func put(_ words: [UInt16], at address: Int) {
            for (offset, word) in words.enumerated() { registers[address + offset] = word }
        }

        func ask(_ request: ReadRequest) throws(ModbusFailure) -> UnsafeBufferPointer<UInt16> {
            asked.append(Int(request.address))
            if let failure = failure(request) { throw failure }
            let instead = instead(request)
            for index in 0..<request.count {
                guard let word = instead?[index] ?? registers[Int(request.address) + index] else { throw .exception(2) }
                cells[index] = word
            }
            return UnsafeBufferPointer(rebasing: cells[..<request.count])
        }

        func awaited(_ request: ReadRequest) -> LateAnswers.Awaited { .nothing }

        func rest(nanoseconds: Int64) -> Bool { true }
        func giveWay() {}
    }

    private let link = LinkDefinition(name: "hall", transport: .tcp(host: "127.0.0.1", port: 502))
    private let began = Instant(milliseconds: 1_800_000_000_000)

    private func poller(_ models: [Int] = [201, 203]) -> MeterPoller {
        let power = MeasuredPoint(
            index: 0, name: "power", kind: .gauge,
            map: RegisterMap(table: .holding, address: 18, type: .int16, scaleRegister: 22), interval: 1000)
        let meter = MeterDefinition(
            name: "m", link: "hall", unit: 1, interval: 1000, points: [power], models: models)
        return MeterPoller(meter, on: link, phase: 0, now: 0)
    }

    private func serve(
        _ poller: MeterPoller, _ device: Device, second: Int64
    ) -> (value: PolledValue, outcome: MeterPoller.Outcome, learning: Learning) {
        device.asked = []
        let now = second * 1_000_000_000
        let outcome = poller.askAll(slot: second, now: now, over: device)
        let learning = poller.learn(now: now) ?? Learning()
        defer { poller.endSlot(answered: true) }
        return (poller.values(slot: second, now: now)[0], outcome, learning)
    }

    @Test("the model is found by walking the chain, wherever it begins", arguments: [40_000, 50_000, 0])
    func found(base: Int) {
        let device = Device([(120, 26), (203, 105)], base: base)
        let meter = poller()
        let first = serve(meter, device, second: 1)
        #expect(first.value == PolledValue(point: 0, value: 203))
        #expect(first.outcome == .complete)
        #expect(first.learning.isNews)
        #expect(device.asked.last == base + 70 + 28 + 18)
        #expect(serve(meter, device, second: 2).value.value == 203)
        #expect(device.asked == [base + 70 + 28 + 18])
    }

    @Test("its place is kept over a restart, looked at then, and looked for anew after a day")
    func kept() {
        let device = Device([(203, 105)])
        let first = poller()
        _ = serve(first, device, second: 1)
        let facts = first.facts(now: 1_000_000_000, wallClock: began)
        #expect(facts.model == LearnedFacts.Model(numbers: [201, 203], address: 40_070))
        let second = poller()
        second.adopt(facts, now: 0, wallClock: began + 1000)
        #expect(second.base == 40_070)
        #expect(serve(second, device, second: 1).value.value == 203)
        #expect(serve(second, device, second: 2).value.value == 203)
        #expect(device.asked == [40_088])
        let moved = Device([(120, 26), (203, 105)])
        #expect(serve(second, moved, second: 86_500).value.value == 203)
        #expect(moved.asked.last == 40_116)
        // Another configuration asks for another model.
        let other = poller([120])
        other.adopt(facts, now: 0, wallClock: began + 1000)
        #expect(!other.knowsBase)
    }

    @Test("a device without the model has bad values, is told of, and looked at again after a minute")
    func missing() {
        let device = Device([(103, 50)])
        let meter = poller()
        let first = serve(meter, device, second: 1)
        #expect(first.value.reason == .exception(2))
        #expect(first.outcome == .partial(.exception(2)))
        var told: [UInt8] = []
        for second in Int64(2)...20 {
            let served = serve(meter, device, second: second)
            #expect(device.asked.isEmpty)
            if let exception = served.learning.refusesAll { told.append(exception) }
        }
        #expect(told == [2])
        #expect(serve(meter, Device([(201, 105)]), second: 70).value.value == 201)
    }

    @Test("a device that was away may be another one: its chain is walked again, and after a start")
    func exchanged() {
        let meter = poller()
        let device = Device([(203, 105)])
        #expect(serve(meter, device, second: 1).value.value == 203)
        device.failure = { _ in .timeout }
        _ = serve(meter, device, second: 2)
        meter.endSlot(answered: false)
        let another = Device([(120, 26), (201, 105)])
        #expect(serve(meter, another, second: 3).value.value == 201)
        let second = poller()
        second.adopt(meter.facts(now: 3_000_000_000, wallClock: began), now: 0, wallClock: began + 1000)
        #expect(serve(second, device, second: 4).value.reason == .timeout)
        device.failure = { _ in nil }
        #expect(serve(second, device, second: 5).value.value == 203)
    }

    @Test("a place that is not there a second time is none")
    func misled() {
        let device = Device([(120, 26), (203, 105)])
        // The head of the model before came twice.
        device.instead = { $0.address == 40_070 && $0.count == 2 ? [203, 26] : nil }
        let meter = poller()
        #expect(serve(meter, device, second: 1).value.reason == .exception(2))
        #expect(!meter.knowsBase)
    }

    @Test("one that keeps silent is a silent meter, also in the middle of its chain", arguments: [40_000, 40_070])
    func silent(address: UInt16) {
        let device = Device([(203, 105)])
        device.failure = { $0.address == address ? .timeout : nil }
        let meter = poller()
        let first = serve(meter, device, second: 1)
        #expect(first.outcome == .silent(.timeout))
        #expect(first.value.reason == .timeout)
        device.failure = { _ in nil }
        #expect(serve(meter, device, second: 2).value.value == 203)
    }
}
