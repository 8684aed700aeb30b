/// Bytes being written: single bytes and integers of variable length.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Goes back to so many bytes.
    mutating func truncate(_ count: Int) { bytes.removeLast(bytes.count - count) }

    @inline(__always)
    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, lowest first; the top bit says that more follow.
    @inline(__always)
    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small magnitudes of either sign in few bytes.
    @inline(__always)
    mutating func signed(_ value: Int64) { unsigned(zigzag(value)) }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Eight bytes, lowest first.
    mutating func fixed(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Bytes being read; past the end or malformed ones are a ``ChunkDamage``.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    var remaining: Int { bytes.count - position }

    @inline(__always)
    mutating func byte() throws(ChunkDamage) -> UInt8 {
        guard position < bytes.count else { throw ChunkDamage("it ends early") }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    mutating func unsigned() throws(ChunkDamage) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw ChunkDamage("an integer is too long") }
        }
    }

    @inline(__always)
    mutating func signed() throws(ChunkDamage) -> Int64 { unzigzag(try unsigned()) }

    /// An integer that counts something, at most `limit`.
    mutating func count(_ limit: Int) throws(ChunkDamage) -> Int {
        let value = try unsigned()
        guard value <= UInt64(limit) else { throw ChunkDamage("a count is too large") }
        return Int(value)
    }

    mutating func fixed() throws(ChunkDamage) -> UInt64 {
        let part = try take(8)
        return UInt64(littleEndian: part.loadUnaligned(as: UInt64.self))
    }

    /// The next bytes, in place.
    mutating func take(_ count: Int) throws(ChunkDamage) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else { throw ChunkDamage("it ends early") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
}

/// What is wrong with stored bytes.
package struct ChunkDamage: Error, Hashable {
    package let message: String

    package init(_ message: String) { self.message = message }
}

/// 0, −1, 1, −2 … become 0, 1, 2, 3 …
@inline(__always)
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

/// The inverse of ``zigzag(_:)``.
@inline(__always)
func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1) }
