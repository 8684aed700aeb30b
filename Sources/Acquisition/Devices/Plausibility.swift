import Metering

/// How much a decoded number looks like something that a meter measures.
enum Plausibility {
    /// 0 to 1, for a value and the registers it was read from.
    static func of(_ value: Double, as type: RegisterType, _ order: RegisterOrder, _ words: [UInt16]) -> Double {
        if isSentinel(words) { return 0.05 }
        let size = value.magnitude
        let isZero = words.allSatisfy { $0 == 0 }
        switch type {
        case .float32:
            if isZero { return 0.4 * rarity(order) }
            if size >= 0.01, size < 1e6 { return 0.95 * rarity(order) }
            return (size >= 1e-4 && size < 1e9 ? 0.5 : 0.01) * rarity(order)
        case .float64:
            if isZero { return 0.2 * rarity(order) }
            if size >= 0.01, size < 1e7 { return 0.97 * rarity(order) }
            return (size >= 1e-4 && size < 1e12 ? 0.4 : 0.01) * rarity(order)
        case .uint16: return (isZero ? 0.35 : size < 30_000 ? 0.6 : 0.4) * rarity(order)
        case .int16: return (isZero ? 0.3 : value < 0 ? (size < 5000 ? 0.5 : 0.2) : 0.45) * rarity(order)
        case .uint32, .int32: return whole(value, words, bits: 32, isSigned: type == .int32) * rarity(order)
        case .uint48, .int48: return whole(value, words, bits: 48, isSigned: type == .int48) * rarity(order)
        case .uint64, .int64: return whole(value, words, bits: 64, isSigned: type == .int64) * rarity(order)
        case .bcd16: return (size >= 10 ? 0.25 : 0.1) * rarity(order)
        case .bcd32: return (size >= 10_000 ? 0.3 : 0.1) * rarity(order)
        case .uint32Ten, .int32Ten: return (size >= 10_000 ? 0.2 : 0.1) * rarity(order)
        case .exp8int24, .exp8uint24:
            if isZero { return 0.1 * rarity(order) }
            return (size >= 0.01 && size < 1e6 ? 0.4 : size >= 1e-4 && size < 1e9 ? 0.2 : 0.01) * rarity(order)
        case .mod10k: return (size >= 10_000 ? 0.2 : 0.1) * rarity(order)
        case .string, .bool: return 0.5
        }
    }

    /// Swapped bytes are rare, swapped words are not.
    private static func rarity(_ order: RegisterOrder) -> Double {
        switch order {
        case .abcd: 1
        case .cdab: 0.96
        case .dcba: 0.85
        case .badc: 0.8
        }
    }

    /// A counter fills its low half first; a number whose low words are zero is read in the wrong order.
    private static func whole(_ value: Double, _ words: [UInt16], bits: Int, isSigned: Bool) -> Double {
        let used = words.count { $0 != 0 }
        guard used > 0 else { return 0.2 }
        let size = value.magnitude
        let most = bits == 32 ? 1e9 : bits == 48 ? 1e12 : 1e13
        if isSigned, value < 0 { return size < 1e6 ? 0.5 : 0.05 }
        if isSigned { return 0.9 * whole(value, words, bits: bits, isSigned: false) }
        if size >= most { return 0.05 }
        // With a zero above it, it is as well a number of its own.
        return size < 65_536 ? 0.45 : 0.65
    }

    /// What devices put where they have no value.
    private static func isSentinel(_ words: [UInt16]) -> Bool {
        words.allSatisfy { $0 == 0xFFFF } || words == [0x8000] || words == [0x7FFF] || words == [0x8000, 0]
            || words == [0x7FC0, 0]
    }
}
