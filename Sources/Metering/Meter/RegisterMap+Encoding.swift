import Foundation

/// The cells that hold one value: registers with the bits that belong to it, or single bits.
package struct EncodedCells: Sendable, Hashable {
    /// The registers' contents, or 0 and 1 in the tables of bits; the first stands at the map's address.
    package var words: [UInt16]
    /// Which bits of each register are the value's; the others are someone else's.
    package var masks: [UInt16]
}

extension RegisterMap {
    /// The cells of a device that shows this value, in the point's unit: the inverse of decoding.
    ///
    /// The nearest value that the registers can hold is taken. Not a number becomes the first sentinel, or a float's own; without
    /// either it is 0.
    /// - Parameters:
    ///   - exponent: What stands in the scale register; 0 where there is none.
    ///   - wraps: Whether a value too large starts anew at zero, as a counter does, or stays at the largest.
    package func encode(_ value: Double, exponent: Int = 0, wraps: Bool = false) -> EncodedCells {
        if table.isBits { return EncodedCells(words: [value == 0 || value.isNaN ? 0 : 1], masks: [1]) }
        // Dividing by a power of ten is exact where multiplying by its reciprocal is not.
        let shifted =
            exponent >= 0 ? (value - offset) / pow(10, Double(exponent)) : (value - offset) * pow(10, Double(-exponent))
        let raw = shifted / scale
        if type == .string { return whole(text(raw)) }
        guard let registers = type.registers else { return whole(tenThousands(raw, wraps: wraps)) }
        let pattern = raw.isNaN ? sentinels.first ?? notANumber : pattern(raw, wraps: wraps)
        guard let bits else { return whole(split(pattern, registers)) }
        let mask = (UInt64.max >> UInt64(63 - (bits.upperBound - bits.lowerBound))) << UInt64(bits.lowerBound)
        let field = raw.isNaN ? pattern : self.field(raw, of: bits) << UInt64(bits.lowerBound)
        return EncodedCells(words: split(field & mask, registers), masks: split(mask, registers))
    }

    private func field(_ raw: Double, of bits: ClosedRange<Int>) -> UInt64 {
        guard hasSignedBits else { return clamped(raw, below: 18_446_744_073_709_549_568) }
        return UInt64(bitPattern: integer(raw, bits: bits.count, wraps: false))
    }

    private func whole(_ words: [UInt16]) -> EncodedCells {
        EncodedCells(words: words, masks: Array(repeating: 0xFFFF, count: words.count))
    }

    private var notANumber: UInt64 {
        switch type {
        case .float32: UInt64(Float.nan.bitPattern)
        case .float64: Double.nan.bitPattern
        default: 0
        }
    }

    private func pattern(_ raw: Double, wraps: Bool) -> UInt64 {
        switch type {
        case .int16: UInt64(truncatingIfNeeded: integer(raw, bits: 16, wraps: wraps)) & 0xFFFF
        case .int32: UInt64(truncatingIfNeeded: integer(raw, bits: 32, wraps: wraps)) & 0xFFFF_FFFF
        case .int48: UInt64(truncatingIfNeeded: integer(raw, bits: 48, wraps: wraps)) & 0xFFFF_FFFF_FFFF
        case .uint48: natural(raw, below: 281_474_976_710_656, wraps: wraps)
        case .int64: UInt64(truncatingIfNeeded: integer(raw, bits: 64, wraps: wraps))
        case .uint32Ten: tens(Int64(natural(raw, below: 655_360_000, wraps: wraps)))
        case .int32Ten: tens(signedTens(raw, wraps: wraps))
        case .exp8int24: decades(raw, most: 8_388_607)
        case .exp8uint24: decades(max(0, raw), most: 16_777_215)
        case .uint16: natural(raw, below: 65_536, wraps: wraps)
        case .uint32: natural(raw, below: 4_294_967_296, wraps: wraps)
        case .uint64: natural(raw, below: 18_446_744_073_709_551_616, wraps: wraps)
        case .bcd16: decimalDigits(natural(raw, below: 10_000, wraps: wraps))
        case .bcd32: decimalDigits(natural(raw, below: 100_000_000, wraps: wraps))
        case .float32: UInt64(Float(raw).bitPattern)
        case .float64: raw.bitPattern
        case .bool: raw == 0 ? 0 : 1
        case .mod10k, .string: 0
        }
    }

    private func tens(_ number: Int64) -> UInt64 {
        UInt64(UInt16(truncatingIfNeeded: number / 10_000)) << 16 | UInt64(UInt16(truncatingIfNeeded: number % 10_000))
    }

    private func signedTens(_ raw: Double, wraps: Bool) -> Int64 {
        if raw >= 0 { return Int64(natural(raw, below: 327_680_000, wraps: wraps)) }
        return -Int64(natural(-raw, below: 327_680_000, wraps: false))
    }

    /// The fewest digits that are as exact as 24 bits can be.
    private func decades(_ raw: Double, most: Double) -> UInt64 {
        guard raw != 0, !raw.isNaN else { return 0 }
        func digits(_ exponent: Int) -> Double {
            let power = pow(10, Double(exponent.magnitude))
            return (exponent < 0 ? raw * power : raw / power).rounded(.toNearestOrEven)
        }
        var exponent = (-20...20).first { digits($0).magnitude <= most } ?? 20
        var number = min(max(digits(exponent), -most), most)
        while number != 0, number.truncatingRemainder(dividingBy: 10) == 0, exponent < 20 {
            number /= 10
            exponent += 1
        }
        let mantissa = UInt64(truncatingIfNeeded: Int64(number)) & 0xFF_FFFF
        return number == 0 ? 0 : UInt64(UInt8(bitPattern: Int8(exponent))) << 24 | mantissa
    }

    private func integer(_ raw: Double, bits: Int, wraps: Bool) -> Int64 {
        let rounded = raw.rounded(.toNearestOrEven)
        let half = pow(2, Double(bits - 1))
        if wraps, rounded >= half { return Int64(truncatingIfNeeded: natural(rounded, below: half, wraps: true)) }
        if rounded >= half { return Int64.max >> Int64(64 - bits) }
        return rounded < -half ? Int64.min >> Int64(64 - bits) : Int64(rounded)
    }

    private func natural(_ raw: Double, below limit: Double, wraps: Bool) -> UInt64 {
        let rounded = raw.rounded(.toNearestOrEven)
        return clamped(
            wraps && rounded >= limit ? rounded.truncatingRemainder(dividingBy: limit) : rounded, below: limit)
    }

    private func clamped(_ raw: Double, below limit: Double) -> UInt64 {
        let rounded = raw.rounded(.toNearestOrEven)
        if rounded.isNaN || rounded <= 0 { return 0 }
        if rounded < limit { return UInt64(rounded) }
        return limit > 18_446_744_073_709_549_568 ? UInt64.max : UInt64(limit) - 1
    }

    private func decimalDigits(_ number: UInt64) -> UInt64 {
        var rest = number
        var digits: UInt64 = 0
        var position: UInt64 = 0
        while rest > 0 {
            digits |= (rest % 10) << position
            position += 4
            rest /= 10
        }
        return digits
    }

    private func tenThousands(_ raw: Double, wraps: Bool) -> [UInt16] {
        var rest = natural(raw, below: pow(10_000, Double(min(count, 4))), wraps: wraps)
        var words: [UInt16] = []
        for _ in 0..<count {
            words.insert(swapped(UInt16(rest % 10_000)), at: 0)
            rest /= 10_000
        }
        return order.lowWordFirst ? words.reversed() : words
    }

    private func text(_ number: Double) -> [UInt16] {
        let digits = number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        let characters = number.isNaN ? [] : Array(digits.utf8)
        let words = (0..<count).map { index in
            let high = 2 * index < characters.count ? UInt16(characters[2 * index]) : 0
            let low = 2 * index + 1 < characters.count ? UInt16(characters[2 * index + 1]) : 0
            return swapped(high << 8 | low)
        }
        return order.lowWordFirst ? words.reversed() : words
    }

    private func split(_ pattern: UInt64, _ registers: Int) -> [UInt16] {
        let words = (0..<registers).reversed().map { swapped(UInt16(truncatingIfNeeded: pattern >> UInt64(16 * $0))) }
        return order.lowWordFirst ? words.reversed() : words
    }

    private func swapped(_ word: UInt16) -> UInt16 { order.swapsBytes ? word.byteSwapped : word }
}
