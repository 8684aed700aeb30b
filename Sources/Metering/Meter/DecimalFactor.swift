/// A factor and an offset as they were written in decimal, applied so that the result is the double nearest to the exact one.
///
/// 134238 × 0.1 is 13423.8, not 13423.800000000001: the factor is taken apart into digits and a power of ten, the digits are
/// multiplied exactly, and only one division rounds.
package struct DecimalFactor: Sendable, Hashable {
    private var factorDigits: Int64
    private var factorPower: Int
    private var offsetDigits: Int64
    private var offsetPower: Int
    private var isIdentity: Bool

    /// The factor `scale` and the offset `offset`, each meant as the shortest decimal that denotes it.
    package init(scale: Double, offset: Double) {
        (factorDigits, factorPower) = DecimalFactor.decimal(scale)
        (offsetDigits, offsetPower) = DecimalFactor.decimal(offset)
        isIdentity = scale == 1 && offset == 0
    }

    /// `raw × scale × 10^exponent + offset`; not finite where the result is beyond a double.
    package func apply(_ raw: Int128, exponent: Int = 0) -> Double {
        if isIdentity, exponent == 0 { return Double(raw) }
        let (product, overflow) = raw.multipliedReportingOverflow(by: Int128(factorDigits))
        let power = factorPower + exponent
        if overflow { return Double(raw) * DecimalFactor.scaled(factorDigits, power) }
        if offsetDigits == 0 { return DecimalFactor.nearest(product, power) }
        let common = min(power, offsetPower)
        guard let a = DecimalFactor.shifted(product, power - common),
            let b = DecimalFactor.shifted(Int128(offsetDigits), offsetPower - common)
        else { return DecimalFactor.nearest(product, power) + DecimalFactor.scaled(offsetDigits, offsetPower) }
        let (sum, tooLarge) = a.addingReportingOverflow(b)
        if tooLarge { return DecimalFactor.nearest(a, common) + DecimalFactor.nearest(b, common) }
        return DecimalFactor.nearest(sum, common)
    }

    /// `raw × scale × 10^exponent + offset` for a device's floating point value, which is a binary fraction already.
    package func apply(_ raw: Double, exponent: Int = 0) -> Double {
        if isIdentity, exponent == 0 { return raw }
        let power = factorPower + exponent
        let product = raw * Double(factorDigits)
        let scaled = power >= 0 ? product * DecimalFactor.tenTo(power) : product / DecimalFactor.tenTo(-power)
        return offsetDigits == 0 ? scaled : scaled + DecimalFactor.scaled(offsetDigits, offsetPower)
    }

    /// Digits and power of ten of the shortest decimal that denotes the number.
    private static func decimal(_ number: Double) -> (digits: Int64, power: Int) {
        guard number.isFinite, number != 0 else { return (0, 0) }
        var digits: Int64 = 0
        var power = 0
        var inFraction = false
        let parts = String(describing: number.magnitude).split(separator: "e")
        for character in parts[0].utf8 {
            if character == UInt8(ascii: ".") {
                inFraction = true
            } else {
                digits = digits * 10 + Int64(character - UInt8(ascii: "0"))
                if inFraction { power -= 1 }
            }
        }
        if parts.count == 2 { power += Int(parts[1]) ?? 0 }
        while digits % 10 == 0 {
            digits /= 10
            power += 1
        }
        return (number < 0 ? -digits : digits, power)
    }

    /// The double nearest to `digits × 10^power`.
    private static func nearest(_ digits: Int128, _ power: Int) -> Double {
        if digits.magnitude < 1 << 53 {
            if power == 0 { return Double(digits) }
            // Both operands are exact, so that the one operation rounds correctly.
            if power < 0, power >= -22 { return Double(digits) / tenTo(-power) }
            if power > 0, power <= 22 { return Double(digits) * tenTo(power) }
        }
        return Double("\(digits)e\(power)") ?? .nan
    }

    private static func scaled(_ digits: Int64, _ power: Int) -> Double { nearest(Int128(digits), power) }

    private static func shifted(_ digits: Int128, _ power: Int) -> Int128? {
        var result = digits
        for _ in 0..<power {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        return result
    }

    private static func tenTo(_ power: Int) -> Double {
        power < powers.count ? powers[power] : Double("1e\(power)") ?? .infinity
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]
}
