/// The CRC-16 that ends a frame on a serial line (polynomial 0xA001, start 0xFFFF, low byte first on the wire).
package enum FrameChecksum {
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0xA001 : crc >> 1 }
    }

    /// The checksum of these bytes.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        table.withUnsafeBufferPointer { table in
            var crc: UInt16 = 0xFFFF
            for byte in bytes { crc = (crc >> 8) ^ table[Int((crc ^ UInt16(byte)) & 0xFF)] }
            return crc
        }
    }

    /// The checksum of these bytes.
    package static func of(_ bytes: [UInt8]) -> UInt16 { bytes.withUnsafeBytes { of($0) } }

    /// Whether the last two bytes are the checksum of those before them; false for fewer than four bytes.
    package static func closes(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count >= 4 else { return false }
        let crc = of(UnsafeRawBufferPointer(rebasing: frame[..<(frame.count - 2)]))
        return frame[frame.count - 2] == UInt8(truncatingIfNeeded: crc) && frame[frame.count - 1] == UInt8(crc >> 8)
    }
}
