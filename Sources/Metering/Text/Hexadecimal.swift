extension UInt16 {
    /// The four digits in lower-case hex.
    package var hexadecimal: String { [UInt8(self >> 8), UInt8(self & 0xFF)].hexadecimal }
}

extension Sequence<UInt8> {
    /// The bytes in lower-case hex, two digits each.
    package var hexadecimal: String {
        func digit(_ half: UInt8) -> UInt8 { half + (half < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) }
        // Each line of the journal has two digests: no array is made for each byte.
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
