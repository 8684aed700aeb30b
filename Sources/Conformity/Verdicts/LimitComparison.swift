import Foundation
import Metering

/// How a value is compared with a limit (Rules 9): the value rounded to decimals where they are given, with a tolerance otherwise.
package struct LimitComparison: Sendable, Hashable {
    /// Decimals to which the value is rounded, half away from zero, on its decimal form with 12 significant digits.
    let decimals: Int?
    private let step: Double

    /// A comparison at that many decimals; nil: two numbers closer than 1e-9 relative or 1e-12 absolute are equal.
    package init(decimals: Int?) {
        self.decimals = decimals
        step = decimals.map { pow(10, Double(-$0)) } ?? 0
    }

    /// Whether `value` is above `limit`, not at it.
    package func isAbove(_ value: Double, _ limit: Double) -> Bool { order(value, limit) > 0 }

    /// Whether `value` is below `limit`, not at it.
    func isBelow(_ value: Double, _ limit: Double) -> Bool { order(value, limit) < 0 }

    /// Negative, zero or positive as `value` is below, at or above `limit`; the limit itself is never rounded.
    func order(_ value: Double, _ limit: Double) -> Int {
        let distance = abs(value - limit)
        let larger = max(abs(value), abs(limit))
        let sign = value < limit ? -1 : 1
        guard let decimals else {
            return value == limit || distance < 1e-9 * larger || distance < 1e-12 ? 0 : sign
        }
        // Rounding moves a value by half a step at most (and the error of 12 digits): farther apart it need not be done.
        if distance > step * 0.500_001 + larger * 2e-11 { return sign }
        return RoundedDecimal(value, decimals: decimals).order(RoundedDecimal(limit))
    }
}

/// A number rounded half away from zero, as `mantissa` × 10^`exponent`.
struct RoundedDecimal: Sendable, Hashable {
    private(set) var mantissa: Int64
    private(set) var exponent: Int

    /// The finite number rounded to that many decimals on its decimal form with 12 significant digits.
    init(_ number: Double, decimals: Int) {
        (mantissa, exponent) = RoundedDecimal.twelveDigits(of: number)
        let surplus = -decimals - exponent
        guard surplus > 0 else { return }
        exponent = -decimals
        guard surplus <= 12 else {
            mantissa = 0
            return
        }
        var power: Int64 = 1
        for _ in 0..<surplus { power *= 10 }
        let rounded = (abs(mantissa) + power / 2) / power
        mantissa = mantissa < 0 ? -rounded : rounded
    }

    /// The finite number's decimal form with 12 significant digits: what was configured as 0.3 is 0.3.
    init(_ number: Double) { (mantissa, exponent) = RoundedDecimal.twelveDigits(of: number) }

    /// Negative, zero or positive as this is below, equal to or above the other.
    func order(_ other: RoundedDecimal) -> Int {
        let gap = exponent - other.exponent
        if gap < 0 { return -other.order(self) }
        // Beyond 24 digits the coarser one, unless it is zero, is farther from zero than anything the finer one can hold.
        if gap > 24 { return Int(mantissa != 0 ? mantissa.signum() : -other.mantissa.signum()) }
        var left = Int128(mantissa)
        for _ in 0..<gap { left *= 10 }
        let right = Int128(other.mantissa)
        return left < right ? -1 : left > right ? 1 : 0
    }

    private static func twelveDigits(of number: Double) -> (mantissa: Int64, exponent: Int) {
        var buffer = (Int64(0), Int64(0), Int64(0), Int64(0))
        return withUnsafeMutableBytes(of: &buffer) { bytes in
            // The C library rounds the exact binary value; "-d.ddddddddddde-308" needs 20 bytes.
            let text = bytes.assumingMemoryBound(to: CChar.self)
            let length = withVaList([number]) { vsnprintf(text.baseAddress, text.count, "%.11e", $0) }
            var mantissa: Int64 = 0
            var index = 0
            while index < Int(length), bytes[index] != UInt8(ascii: "e") {
                if bytes[index] >= 48, bytes[index] <= 57 { mantissa = mantissa * 10 + Int64(bytes[index] - 48) }
                index += 1
            }
            var exponent = 0
            let isNegativeExponent = bytes[index + 1] == UInt8(ascii: "-")
            index += 2
            while index < Int(length) {
                exponent = exponent * 10 + Int(bytes[index] - 48)
                index += 1
            }
            return (number < 0 ? -mantissa : mantissa, (isNegativeExponent ? -exponent : exponent) - 11)
        }
    }
}
