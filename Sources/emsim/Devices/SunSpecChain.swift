import Metering

/// The chain of SunSpec models of a simulated meter: the common model, and the one with its points.
struct SunSpecChain: Sendable {
    /// Where the chain begins, and where the model with the points does.
    private static let (base, home) = (40_000, 40_070)

    /// What stands in the registers that are no point's, by address.
    private(set) var registers: [Int: UInt16] = [:]
    /// Of the whole chain.
    private(set) var extent = 0..<0

    /// None.
    init() {}

    /// The chain of a meter, whose addresses are then the device's own; empty for one that has no models.
    init(placing meter: inout MeterDefinition) {
        guard let number = meter.models.first else { return }
        for index in meter.points.indices {
            let map = meter.points[index].map
            meter.points[index].map.address = map.address &+ UInt16(SunSpecChain.home)
            meter.points[index].map.scaleRegister = map.scaleRegister.map { $0 &+ UInt16(SunSpecChain.home) }
        }
        let ends = meter.points.flatMap { point in
            [Int(point.map.address) + point.map.count, (point.map.scaleRegister.map(Int.init) ?? 0) + 1]
        }
        let end = max(ends.max() ?? 0, SunSpecChain.home + 2)
        put([0x5375, 0x6E53, 1, 66], at: SunSpecChain.base)
        let maker = Array("emsim".utf8) + [0]
        put(
            stride(from: 0, to: 6, by: 2).map { UInt16(maker[$0]) << 8 | UInt16(maker[$0 + 1]) },
            at: SunSpecChain.base + 4)
        put([UInt16(clamping: number), UInt16(clamping: end - SunSpecChain.home - 2)], at: SunSpecChain.home)
        put([0xFFFF, 0], at: end)
        extent = SunSpecChain.base..<end + 2
    }

    private mutating func put(_ words: [UInt16], at address: Int) {
        for (offset, word) in words.enumerated() { registers[address + offset] = word }
    }
}
