/// A register map prepared for decoding many times.
package struct RegisterDecoder: Sendable, Hashable {
    /// The map it decodes.
    package let map: RegisterMap
    private let factor: DecimalFactor

    /// A decoder of the map.
    package init(_ map: RegisterMap) {
        self.map = map
        factor = DecimalFactor(scale: map.scale, offset: map.offset)
    }

    /// The value in the registers; see ``RegisterMap/decode(_:exponent:)``.
    package func decode(_ words: Span<UInt16>, exponent: UInt16? = nil) -> DecodedValue {
        guard words.count >= map.count else { return DecodedValue(bad: .frame) }
        let pattern = map.pattern(words)
        if !map.sentinels.isEmpty, map.sentinels.contains(pattern) { return DecodedValue(bad: .sentinel) }
        var power = 0
        if map.scaleRegister != nil {
            guard let exponent, exponent != 0x8000 else { return DecodedValue(bad: .sentinel) }
            power = Int(Int16(bitPattern: exponent))
            guard power.magnitude <= 20 else { return DecodedValue(bad: .outOfRange) }
        }
        if let bits = map.bits {
            let width = bits.count
            let mask = width >= 64 ? UInt64.max : (1 << UInt64(width)) - 1
            let field = Int128((pattern >> UInt64(bits.lowerBound)) & mask)
            let isNegative = map.hasSignedBits && field >> Int128(width - 1) == 1
            return scaled(isNegative ? field - (Int128(1) << Int128(width)) : field, power)
        }
        switch map.type {
        case .bool: return scaled(Int128(pattern == 0 ? 0 : 1), power)
        case .uint16, .uint32, .uint48, .uint64: return scaled(Int128(pattern), power)
        case .int16: return scaled(Int128(Int16(truncatingIfNeeded: pattern)), power)
        case .int32: return scaled(Int128(Int32(truncatingIfNeeded: pattern)), power)
        case .int48: return scaled(Int128(Int64(bitPattern: pattern << 16) >> 16), power)
        case .int64: return scaled(Int128(Int64(bitPattern: pattern)), power)
        case .float32:
            return scaled(Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern))), power)
        case .float64: return scaled(Double(bitPattern: pattern), power)
        case .bcd16: return digits(pattern, nibbles: 4, power)
        case .bcd32: return digits(pattern, nibbles: 8, power)
        case .mod10k: return groups(words, power)
        case .int32Ten, .uint32Ten: return tenThousands(pattern, power)
        case .exp8int24: return decades(pattern, Int64(Int32(truncatingIfNeeded: pattern << 8) >> 8), power)
        case .exp8uint24: return decades(pattern, Int64(pattern & 0xFF_FFFF), power)
        case .string:
            guard let number = Double(map.text(words)) else { return DecodedValue(bad: .notFinite) }
            return scaled(number, power)
        }
    }

    private func scaled(_ raw: Int128, _ power: Int) -> DecodedValue {
        DecodedValue(factor.apply(raw, exponent: power))
    }

    private func scaled(_ raw: Double, _ power: Int) -> DecodedValue {
        DecodedValue(factor.apply(raw, exponent: power))
    }

    private func digits(_ pattern: UInt64, nibbles: Int, _ power: Int) -> DecodedValue {
        var number: Int128 = 0
        for index in stride(from: nibbles - 1, through: 0, by: -1) {
            let digit = pattern >> UInt64(4 * index) & 0xF
            guard digit <= 9 else { return DecodedValue(bad: .notFinite) }
            number = number * 10 + Int128(digit)
        }
        return scaled(number, power)
    }

    /// A low word of ten thousand or more is no number of ones.
    private func tenThousands(_ pattern: UInt64, _ power: Int) -> DecodedValue {
        let words = (UInt16(truncatingIfNeeded: pattern >> 16), UInt16(truncatingIfNeeded: pattern))
        let isSigned = map.type == .int32Ten
        let high = isSigned ? Int128(Int16(bitPattern: words.0)) : Int128(words.0)
        let low = isSigned ? Int128(Int16(bitPattern: words.1)) : Int128(words.1)
        guard low.magnitude < 10_000 else { return DecodedValue(bad: .notFinite) }
        return scaled(high * 10_000 + low, power)
    }

    private func decades(_ pattern: UInt64, _ number: Int64, _ power: Int) -> DecodedValue {
        let exponent = Int(Int8(truncatingIfNeeded: pattern >> 24))
        guard exponent.magnitude <= 20 else { return DecodedValue(bad: .outOfRange) }
        return scaled(Int128(number), power + exponent)
    }

    /// Each register holds four decimal digits, 0 to 9999.
    private func groups(_ words: Span<UInt16>, _ power: Int) -> DecodedValue {
        var number: Int128 = 0
        for index in 0..<map.count {
            let word = words[map.order.lowWordFirst ? map.count - 1 - index : index]
            let group = map.order.swapsBytes ? word.byteSwapped : word
            guard group <= 9999 else { return DecodedValue(bad: .notFinite) }
            number = number * 10_000 + Int128(group)
        }
        return scaled(number, power)
    }
}
