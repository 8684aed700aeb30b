/// Bits being written, the first one into the lowest bit of the first byte.
package struct BitWriter {
    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0

    /// No bits yet.
    package init() {}

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    /// The lowest so many bits of a value.
    package mutating func put(_ value: UInt64, _ bits: Int) {
        var rest = bits < 64 ? value & ((1 << UInt64(bits)) - 1) : value
        var left = bits
        while left > 0 {
            let place = count & 7
            if place == 0 { bytes.append(0) }
            let part = min(8 - place, left)
            bytes[count >> 3] |= UInt8(truncatingIfNeeded: rest << UInt64(place))
            rest = part < 64 ? rest >> UInt64(part) : 0
            count += part
            left -= part
        }
    }

    /// A value with its own length before it: 7 bits, then as many as it has.
    mutating func putAny(_ value: UInt64) {
        let bits = 64 - value.leadingZeroBitCount
        put(UInt64(bits), 7)
        put(value, bits)
    }

    /// Takes back what was written beyond so many bits.
    package mutating func truncate(_ bits: Int) {
        bytes.removeLast(bytes.count - (bits + 7) / 8)
        if bits & 7 != 0 { bytes[bytes.count - 1] &= (1 << UInt8(bits & 7)) - 1 }
        count = bits
    }
}

/// Bits being read; past the end they are a ``ChunkDamage``.
package struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    @inline(__always)
    package mutating func take(_ bits: Int) throws(ChunkDamage) -> UInt64 {
        guard bits <= 64, position + bits <= bytes.count * 8 else { throw ChunkDamage("it ends early") }
        defer { position += bits }
        if bits <= 56, position >> 3 + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position >> 3, as: UInt64.self))
            return word >> UInt64(position & 7) & ((1 << UInt64(bits)) - 1)
        }
        var value: UInt64 = 0
        var done = 0
        while done < bits {
            let place = (position + done) & 7
            let part = min(8 - place, bits - done)
            let piece = UInt64(bytes[(position + done) >> 3]) >> UInt64(place) & ((1 << UInt64(part)) - 1)
            value |= piece << UInt64(done)
            done += part
        }
        return value
    }

    mutating func takeAny() throws(ChunkDamage) -> UInt64 { try take(Int(try take(7))) }
}

/// Small numbers in few bits: the number by a power of two as a row of ones, then what is left of it.
enum RiceCode {
    private static let longestRow = 20

    @inline(__always)
    static func put(_ value: UInt64, _ parameter: Int, into bits: inout BitWriter) {
        let row = value >> UInt64(parameter)
        if row < UInt64(longestRow) {
            bits.put((1 << row) - 1, Int(row) + 1)
            bits.put(value, parameter)
        } else {
            bits.put((1 << UInt64(longestRow)) - 1, longestRow)
            bits.putAny(value)
        }
    }

    @inline(__always)
    static func take(_ parameter: Int, from bits: inout BitReader) throws(ChunkDamage) -> UInt64 {
        var row = 0
        while row < longestRow, try bits.take(1) == 1 { row += 1 }
        if row == longestRow { return try bits.takeAny() }
        return UInt64(row) << UInt64(parameter) | (try bits.take(parameter))
    }

    /// The parameter that suits numbers of that mean.
    @inline(__always)
    static func parameter(mean: UInt64) -> Int { mean == 0 ? 0 : 63 - mean.leadingZeroBitCount }
}
