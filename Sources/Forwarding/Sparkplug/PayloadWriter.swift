/// Protocol buffers as far as Sparkplug B's payload needs them.
struct PayloadWriter {
    private(set) var bytes: [UInt8] = []

    private mutating func put(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A whole number (wire type 0).
    mutating func varint(_ field: UInt64, _ value: UInt64) {
        put(field << 3)
        put(value)
    }

    /// A double (wire type 1).
    mutating func double(_ field: UInt64, _ value: Double) {
        put(field << 3 | 1)
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
        }
    }

    /// A text (wire type 2).
    mutating func text(_ field: UInt64, _ value: String) { message(field, Array(value.utf8)) }

    /// A message within the message (wire type 2).
    mutating func message(_ field: UInt64, _ value: [UInt8]) {
        put(field << 3 | 2)
        put(UInt64(value.count))
        bytes += value
    }

    /// A message within the message, as `fill` makes it.
    mutating func message(_ field: UInt64, _ fill: (inout PayloadWriter) -> Void) {
        var inner = PayloadWriter()
        fill(&inner)
        message(field, inner.bytes)
    }
}
