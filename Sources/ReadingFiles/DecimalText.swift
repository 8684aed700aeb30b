import Foundation

/// Reads decimal numbers from bytes, exactly rounded; the common short ones without a detour.
enum DecimalText {
    /// The number; nil where the bytes are not one, or it is not finite.
    static func number(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var index = 0
        let count = bytes.count
        guard count > 0 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative || bytes[0] == UInt8(ascii: "+") { index = 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = 0
        var isFraction = false
        while index < count {
            let byte = bytes[index]
            if byte >= 48, byte <= 57 {
                mantissa = mantissa &* 10 &+ UInt64(byte - 48)
                digits += 1
                if isFraction { fraction += 1 }
            } else if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else {
                return slowNumber(bytes)
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        // Both the digits and the power of ten are exact doubles here, so one division rounds once.
        guard digits <= 15, fraction <= 22 else { return slowNumber(bytes) }
        let value = Double(mantissa) / powersOfTen[fraction]
        return isNegative ? -value : value
    }

    private static func slowNumber(_ bytes: UnsafeRawBufferPointer) -> Double? {
        for byte in bytes where !(byte >= 48 && byte <= 57) && !"+-.eE".utf8.contains(byte) { return nil }
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    private static let powersOfTen: [Double] = (0...22).map { pow(10, Double($0)) }
}
