/// The four tables of a Modbus device.
package enum RegisterTable: String, Sendable, Hashable, CaseIterable {
    case holding
    case input
    case coil
    case discrete

    /// The function code that reads it.
    package var functionCode: UInt8 {
        switch self {
        case .coil: 1
        case .discrete: 2
        case .holding: 3
        case .input: 4
        }
    }

    /// Whether its cells are single bits.
    package var isBits: Bool { self == .coil || self == .discrete }
}

/// How registers make a number.
package enum RegisterType: String, Sendable, Hashable, CaseIterable {
    case int16, uint16, int32, uint32, int48, uint48, int64, uint64, float32, float64, bcd16, bcd32, mod10k, string,
        bool
    /// A high word of ten thousands and a low word of ones; both words signed.
    case int32Ten = "int32_m10k"
    /// A high word of ten thousands and a low word of ones.
    case uint32Ten = "uint32_m10k"
    /// A signed decade exponent in the first byte, and a signed number of 24 bits behind it.
    case exp8int24 = "exp8_int24"
    /// A signed decade exponent in the first byte, and a number of 24 bits behind it.
    case exp8uint24 = "exp8_uint24"

    /// Registers one value takes; nil for `mod10k` and `string`, whose length is configured.
    package var registers: Int? {
        switch self {
        case .int16, .uint16, .bcd16, .bool: 1
        case .int32, .uint32, .float32, .bcd32, .int32Ten, .uint32Ten, .exp8int24, .exp8uint24: 2
        case .int48, .uint48: 3
        case .int64, .uint64, .float64: 4
        case .mod10k, .string: nil
        }
    }

    /// Whether all its bits together are one whole number, so that some of them are one too.
    package var isBinary: Bool {
        switch self {
        case .int16, .uint16, .int32, .uint32, .int48, .uint48, .int64, .uint64: true
        case .float32, .float64, .bcd16, .bcd32, .mod10k, .string, .bool, .int32Ten, .uint32Ten, .exp8int24,
            .exp8uint24:
            false
        }
    }
}

/// In which order the bytes of a value stand on the wire: A is the most significant.
///
/// For 64 bit the same four patterns: ABCD high word first; CDAB low word first; BADC and DCBA the same with swapped bytes.
package enum RegisterOrder: String, Sendable, Hashable, CaseIterable {
    case abcd = "ABCD"
    case cdab = "CDAB"
    case badc = "BADC"
    case dcba = "DCBA"

    /// Whether the least significant word comes first.
    package var lowWordFirst: Bool { self == .cdab || self == .dcba }
    /// Whether the two bytes of each word are swapped.
    package var swapsBytes: Bool { self == .badc || self == .dcba }
}

/// A scale that takes another's place from an instant on, e.g. after a change of current transformers.
package struct DatedScale: Sendable, Hashable {
    /// Answers that arrive from here on are scaled by it.
    package var from: Instant
    /// Factor from the raw value to the point's unit.
    package var scale: Double

    /// A scale from that instant on.
    package init(from: Instant, scale: Double) {
        self.from = from
        self.scale = scale
    }
}

/// Where a value stands in a device and how it is decoded.
///
/// ```
/// let map = RegisterMap(table: .holding, address: 100, type: .float32, order: .cdab)
/// map.decode([0x8000, 0x4367].span).value  // 231.5
/// ```
package struct RegisterMap: Sendable, Hashable {
    package var table: RegisterTable
    /// The zero-based protocol address.
    package var address: UInt16
    package var type: RegisterType
    package var order: RegisterOrder
    /// Registers (or bits) the value takes.
    package var count: Int
    /// A field of bits, lowest first; nil for the whole.
    package var bits: ClosedRange<Int>?
    /// Factor from the raw value to the point's unit, as written (`0.1` is exact that way).
    package var scale: Double
    /// Scales that take its place later, ascending.
    package var laterScales: [DatedScale] = []
    /// Added after the factor.
    package var offset: Double
    /// A register of the same table with the decimal exponent as int16 (SunSpec).
    package var scaleRegister: UInt16?
    /// Raw values (before scaling) that mean "not available", as bit patterns of the type.
    package var sentinels: [UInt64]

    /// A value at an address.
    package init(
        table: RegisterTable, address: UInt16, type: RegisterType, order: RegisterOrder = .abcd, count: Int? = nil,
        bits: ClosedRange<Int>? = nil, scale: Double = 1, offset: Double = 0, scaleRegister: UInt16? = nil,
        sentinels: [UInt64] = []
    ) {
        self.table = table
        self.address = address
        self.type = type
        self.order = order
        self.count = count ?? type.registers ?? 1
        self.bits = bits
        self.scale = scale
        self.offset = offset
        self.scaleRegister = scaleRegister
        self.sentinels = sentinels
    }
}
