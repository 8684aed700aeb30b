/// The CRC-32 of IEEE 802.3 (as in gzip), which finds every damaged stretch of up to 32 bits and all but one in four
/// billion others.
package struct Checksum {
    private var register: UInt32 = 0xFFFF_FFFF

    package init() {}

    package var value: UInt32 { ~register }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var register = register
        Checksum.table.withUnsafeBufferPointer { table in
            for byte in bytes { register = table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ (register &>> 8) }
        }
        self.register = register
    }

    package mutating func add(_ integer: Int64) { withUnsafeBytes(of: integer.littleEndian) { add($0) } }

    private static let table: [UInt32] = (0..<256).map { index in
        var entry = UInt32(index)
        for _ in 0..<8 { entry = entry & 1 == 1 ? 0xEDB8_8320 ^ (entry >> 1) : entry >> 1 }
        return entry
    }
}
