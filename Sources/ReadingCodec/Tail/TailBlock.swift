/// One block of the tail: readings in order of arrival, whole or not there at all.
///
/// ## Format, version 1
/// Integers are little-endian.
///
/// | bytes | content |
/// |---|---|
/// | 0 | "eT", the version, 1, and 0; 1 where more may come into the block (in the mirror only) |
/// | 4 | CRC-32 (IEEE) over all bytes from 8 to the payload's end |
/// | 8 | the identity of the database that it belongs to |
/// | 16 | its sequence number |
/// | 24 | how many blocks after the one whose forecast it goes on with (2 bytes); 0: nothing is expected before it |
/// | 26 | readings in it (2 bytes) |
/// | 28 | bytes of payload (2 bytes) |
/// | 30 | payload: the bits of ``TailForecast`` |
///
/// It fills one block of the device (512 or 4,096 bytes), with zeros after the payload.
package struct TailBlock {
    package static let headerLength = 30
    private static let magic: [UInt8] = [0x65, 0x54, 1]

    package var sequence: Int64
    package var back: Int
    package var count: Int
    /// Whether it was not full: what goes on with its forecast may know more than it says.
    package var isOpen = false
    package var payload: [UInt8]

    /// Whether it is what another one of the same number grew to.
    package func goesOn(after other: TailBlock) -> Bool { count > other.count || count == other.count && other.isOpen }

    /// The bytes of the block, `length` of them.
    package func image(identity: Int64, length: Int) -> [UInt8] {
        var body = ByteWriter(capacity: length)
        body.fixed(UInt64(bitPattern: identity))
        body.fixed(UInt64(bitPattern: sequence))
        for number in [back, count, payload.count] {
            body.byte(UInt8(truncatingIfNeeded: number))
            body.byte(UInt8(truncatingIfNeeded: number >> 8))
        }
        body.append(payload)
        var checksum = Checksum()
        body.bytes.withUnsafeBytes { checksum.add($0) }
        var image = TailBlock.magic + [isOpen ? 1 : 0]
        withUnsafeBytes(of: checksum.value.littleEndian) { image.append(contentsOf: $0) }
        image += body.bytes
        image += [UInt8](repeating: 0, count: max(0, length - image.count))
        return image
    }

    /// The block that begins there; nil where there is none of that database, or a torn one.
    package init?(_ bytes: UnsafeRawBufferPointer, identity: Int64) {
        guard bytes.count >= TailBlock.headerLength, bytes.prefix(3).elementsEqual(TailBlock.magic), bytes[3] <= 1
        else { return nil }
        func small(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
        func large(_ place: Int) -> Int64 {
            Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Int64.self))
        }
        let end = TailBlock.headerLength + small(28)
        guard end <= bytes.count, large(8) == identity, (1..<(1 << 62)).contains(large(16)) else { return nil }
        var checksum = Checksum()
        checksum.add(UnsafeRawBufferPointer(rebasing: bytes[8..<end]))
        guard checksum.value == UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) else {
            return nil
        }
        sequence = large(16)
        back = small(24)
        count = small(26)
        isOpen = bytes[3] == 1
        payload = Array(bytes[TailBlock.headerLength..<end])
    }

    package init(sequence: Int64, back: Int, count: Int, isOpen: Bool, payload: [UInt8]) {
        self.sequence = sequence
        self.back = back
        self.count = count
        self.isOpen = isOpen
        self.payload = payload
    }
}
