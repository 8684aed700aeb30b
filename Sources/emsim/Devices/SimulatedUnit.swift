import Metering
import Modbus
import PlantConfiguration
import Synchronization

/// The meters behind one unit number of a link, as a device that answers; usually one.
final class SimulatedUnit: AnsweringUnit {
    let extent: RegisterExtent
    private let meters: [SimulatedMeter]
    private let clock: SimulationClock
    private let foreignUnit: UInt8
    /// The last occurrence that a jump in one answer only was shown for, by fault.
    private let shown = Mutex<[Int: Int64]>([:])

    /// A device of those meters.
    init(_ meters: [SimulatedMeter], clock: SimulationClock) {
        self.meters = meters
        self.clock = clock
        var extent = RegisterExtent(of: meters.flatMap(\.definition.points).map(\.map))
        for chain in meters.map(\.chain.extent) where !chain.isEmpty {
            let points = extent.holdings.isEmpty ? chain : extent.holdings
            extent.holdings = min(points.lowerBound, chain.lowerBound)..<max(points.upperBound, chain.upperBound)
        }
        self.extent = extent
        foreignUnit = (meters.first?.definition.unit ?? 0) == 247 ? 1 : (meters.first?.definition.unit ?? 0) + 1
    }

    func prepare(_ request: ServerRequest, in registers: inout RegisterBank) -> AnswerPlan {
        guard request.isRead else { return identify(request) }
        let time = clock.now()
        let asked = request.address..<(request.address + request.count)
        for meter in meters { show(meter, asked, function: request.function, at: time, in: &registers) }
        var plan = AnswerPlan(refusal(of: asked, function: request.function).map { .exception($0) } ?? .registers)
        plan.delay = meters.map(\.behavior.delay).max() ?? 0
        for meter in meters {
            for armed in meter.faults where armed.strikes(at: time) != nil { armed.fault.spoil(&plan, foreignUnit) }
        }
        return plan
    }

    private func show(
        _ meter: SimulatedMeter, _ asked: Range<Int>, function: UInt8, at time: Int64, in registers: inout RegisterBank
    ) {
        if function == 3 {
            for (address, word) in meter.chain.registers where asked.contains(address) {
                registers.setRegister(word, at: address, ofInputs: false)
            }
        }
        for simulated in meter.points where simulated.point.map.table.functionCode == function {
            let map = simulated.point.map
            if simulated.cells.overlaps(asked) {
                let encoded = cells(of: simulated, meter, at: time)
                for (offset, word) in encoded.words.enumerated() {
                    let address = Int(map.address) + offset
                    if map.table.isBits {
                        registers.setBit(word != 0, at: address, ofInputs: map.table == .discrete)
                    } else {
                        registers.setRegister(
                            word, mask: encoded.masks[offset], at: address, ofInputs: map.table == .input)
                    }
                }
            }
            if let address = map.scaleRegister, asked.contains(Int(address)) {
                let exponent = UInt16(bitPattern: Int16(simulated.source.signal.exponent))
                registers.setRegister(exponent, at: Int(address), ofInputs: map.table == .input)
            }
        }
    }

    /// The point's cells with what the faults make of its value.
    private func cells(of simulated: SimulatedPoint, _ meter: SimulatedMeter, at time: Int64) -> EncodedCells {
        var shownTime = time
        var value: Double?
        for armed in meter.faults where armed.fault.kind.isAboutValues {
            if let points = armed.fault.points, !points.contains(simulated.point.index) { continue }
            guard let occurrence = armed.strikes(at: time) else { continue }
            switch armed.fault.kind {
            case .stuck: shownTime = occurrence.began
            case .missing: value = .nan
            default:
                let key = armed.index << 20 | Int(simulated.point.index)
                let isFirst = shown.withLock { $0.updateValue(occurrence.number, forKey: key) != occurrence.number }
                if armed.fault.duration != nil || isFirst { value = armed.fault.value }
            }
        }
        return value.map { simulated.encode(value: $0) } ?? simulated.encode(at: shownTime)
    }

    /// The exception with which the meters themselves refuse a read.
    private func refusal(of asked: Range<Int>, function: UInt8) -> UInt8? {
        let isBits = function <= 2
        if !isBits, asked.count > (meters.map(\.definition.maxRegisters).max() ?? 125) { return 3 }
        guard meters.contains(where: \.behavior.refusesHoles) else { return nil }
        var known: Set<Int> = []
        for point in meters.flatMap(\.points) where point.point.map.table.functionCode == function {
            known.formUnion(point.cells)
            if let address = point.point.map.scaleRegister { known.insert(Int(address)) }
        }
        if function == 3 { for meter in meters { known.formUnion(meter.chain.extent) } }
        return asked.allSatisfy(known.contains) ? nil : 2
    }

    /// Basic device identification (function 43, MEI 14): maker, product, version.
    private func identify(_ request: ServerRequest) -> AnswerPlan {
        let data = Array(request.data)
        guard data.count == 4, data[1] == 0x0E else { return AnswerPlan(.exception(1)) }
        let meter = meters.first?.definition
        let objects = ["emsim", meter?.title ?? meter?.name ?? "meter", "1"].map { Array($0.utf8.prefix(60)) }
        let level = data[2]
        let wanted: [Int]
        switch level {
        case 1...3: wanted = Array(Int(data[3]) < objects.count ? Int(data[3])..<objects.count : 0..<objects.count)
        case 4 where Int(data[3]) < objects.count: wanted = [Int(data[3])]
        default: return AnswerPlan(.exception(level == 4 ? 2 : 3))
        }
        var answer: [UInt8] = [0x0E, level, 0x81, 0, 0, UInt8(wanted.count)]
        for index in wanted { answer += [UInt8(index), UInt8(objects[index].count)] + objects[index] }
        return AnswerPlan(.data(answer))
    }
}
