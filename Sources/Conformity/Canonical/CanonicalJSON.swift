/// A JSON value that is always written in the same bytes: keys in the order given, no blanks, the shortest numbers.
///
/// Strings escape only what RFC 8259 demands; numbers are the shortest that read back the same, whole ones without `.0`; what is
/// not finite is `null`.
package enum CanonicalJSON: Sendable, Hashable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([CanonicalJSON])
    case object([Member])

    /// A key with its value.
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: CanonicalJSON

        /// A member of an object.
        package init(_ key: String, _ value: CanonicalJSON) {
            self.key = key
            self.value = value
        }
    }

    /// A number, or `null`.
    package static func number(_ number: Double?) -> CanonicalJSON { number.map { .number($0) } ?? .null }

    /// A string, or `null`.
    package static func text(_ text: String?) -> CanonicalJSON { text.map { .text($0) } ?? .null }

    /// The value in canonical form, on one line.
    package var canonicalText: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A number as it is written.
    package static func text(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        if number == number.rounded(), abs(number) < 9_007_199_254_740_992 { return String(Int64(number)) }
        return number.description
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += Array("null".utf8)
        case .flag(let flag): bytes += Array((flag ? "true" : "false").utf8)
        case .integer(let integer): bytes += Array(String(integer).utf8)
        case .number(let number): bytes += Array(CanonicalJSON.text(of: number).utf8)
        case .text(let text): CanonicalJSON.write(text, into: &bytes)
        case .list(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                CanonicalJSON.write(member.key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 8: bytes += Array("\\b".utf8)
            case 9: bytes += Array("\\t".utf8)
            case 10: bytes += Array("\\n".utf8)
            case 12: bytes += Array("\\f".utf8)
            case 13: bytes += Array("\\r".utf8)
            case 0..<32:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
