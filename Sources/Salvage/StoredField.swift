/// A value as it lies in a row of a database file.
package enum StoredField: Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The integer; nil for anything else.
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The text; nil for anything else.
    var text: String? { if case .text(let value) = self { value } else { nil } }

    /// The number that a column of reals holds: whole ones are stored as integers.
    var real: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The fields of a row (https://www.sqlite.org/fileformat2.html#record_format); nil where its bytes are no row.
    static func fields(_ payload: [UInt8]) -> [StoredField]? {
        var place = 0
        guard let length = payload.varint(&place), length >= 1, length <= payload.count else { return nil }
        var body = Int(length)
        var fields: [StoredField] = []
        while place < Int(length) {
            guard let type = payload.varint(&place), type >= 0, place <= Int(length),
                let field = field(type, payload, &body)
            else { return nil }
            fields.append(field)
        }
        return body == payload.count ? fields : nil
    }

    private static func field(_ type: Int64, _ payload: [UInt8], _ body: inout Int) -> StoredField? {
        let sizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]
        guard type != 10, type != 11, type < 1 << 40 else { return nil }
        let size = type < 10 ? sizes[Int(type)] : (Int(type) - 12) / 2
        guard body + size <= payload.count else { return nil }
        defer { body += size }
        let bytes = payload[body..<body + size]
        switch type {
        case 0: return .null
        case 1...6:
            var value = Int64(Int8(bitPattern: bytes[body]))
            for byte in bytes.dropFirst() { value = value << 8 | Int64(byte) }
            return .integer(value)
        case 7: return .real(Double(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) }))
        case 8: return .integer(0)
        case 9: return .integer(1)
        default:
            if type % 2 == 0 { return .blob(Array(bytes)) }
            // Text that is none would be changed by taking it over.
            return String(validating: bytes, as: UTF8.self).map(StoredField.text)
        }
    }
}
