import Metering
import Modbus

@testable import Acquisition

/// A device that answers from its own rules, without a wire.
final class ScriptedDevice: Asking {
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
    func giveWay() {}
}

/// What suites need that poll one meter without a wire.
protocol PollingOneMeter {}

extension PollingOneMeter {
    var link: LinkDefinition { LinkDefinition(name: "hall", transport: .tcp(host: "127.0.0.1", port: 502)) }

    func point(
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
    var serial: LinkDefinition {
        LinkDefinition(name: "bus", transport: .rtuOverTCP(host: "127.0.0.1", port: 502), timeout: 300)
    }

    func poller(
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
    func serve(
        _ poller: MeterPoller, _ device: ScriptedDevice, slot: Int64 = 1
    ) -> (values: [PolledValue], outcome: MeterPoller.Outcome) {
        let now = slot * 1_000_000_000
        let outcome = poller.askAll(slot: slot, now: now, over: device)
        _ = poller.learn(now: now)
        let values = poller.values(slot: slot, now: now)
        poller.endSlot(answered: true)
        return (values, outcome)
    }
}
