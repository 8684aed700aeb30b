import Metering

/// Writes a judge's memory: whole numbers in groups of 7 bits, lowest first, numbers as their 8 bytes, lowest first.
struct MemoryWriter {
    private(set) var bytes: [UInt8] = []

    /// A writer with room for a usual memory.
    init() { bytes.reserveCapacity(40) }

    mutating func put(byte: UInt8) { bytes.append(byte) }

    mutating func put(count: Int) { put(group: UInt64(bitPattern: Int64(count))) }

    mutating func put(_ instant: Instant) {
        let number = instant.milliseconds
        // Zigzag: the sign goes into the lowest bit, so that instants before 1970 are short too.
        put(group: UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    mutating func put(_ number: Double) {
        var bits = number.withoutSignOfZero.bitPattern
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
        }
    }

    private mutating func put(group number: UInt64) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what ``MemoryWriter`` wrote; nil from the first byte on that does not fit.
struct MemoryReader {
    private let bytes: [UInt8]
    private var position = 0

    /// A reader at the first byte.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether everything was read.
    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    mutating func count() -> Int? {
        guard let number = group(), number <= UInt64(Int64.max) else { return nil }
        return Int(number)
    }

    mutating func instant() -> Instant? {
        guard let number = group() else { return nil }
        return Instant(milliseconds: Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1))
    }

    mutating func number() -> Double? {
        guard position + 8 <= bytes.count else { return nil }
        var bits: UInt64 = 0
        for index in 0..<8 { bits |= UInt64(bytes[position + index]) << UInt64(8 * index) }
        position += 8
        return Double(bitPattern: bits)
    }

    /// So many numbers, as many as are said before them.
    mutating func numbers() -> [Double]? {
        guard let count = count(), count <= (bytes.count - position) / 8 else { return nil }
        var found: [Double] = []
        for _ in 0..<count { if let number = number() { found.append(number) } }
        return found.count == count ? found : nil
    }

    private mutating func group() -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while let next = byte() {
            guard shift < 63 || (shift == 63 && next <= 1) else { return nil }
            number |= UInt64(next & 127) << shift
            if next < 128 { return number }
            shift += 7
        }
        return nil
    }
}
