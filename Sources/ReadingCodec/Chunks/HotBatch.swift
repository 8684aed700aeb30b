/// Unpacks hot rows as they were written before ``HotRowCodec``: the readings of one commit in the order in which they
/// arrived.
///
/// For each reading: point (unsigned, the database's number), time minus the row's `first` (signed), a tag byte, then
/// what the tag says. Its low five bits: 0 to 15 the value is a decimal and this its exponent, the integer follows
/// (signed); 16 no value (bad); 17 the eight bytes of the double follow, lowest first. Bit 5: quality (1 byte) and
/// reason (1 byte) follow; without it the reading is good.
enum HotBatch {
    private static let hasNoValue: UInt8 = 16
    private static let isDouble: UInt8 = 17
    private static let isNotGood: UInt8 = 32

    /// Hands out the readings of a row in the order in which they arrived: point (the database's number), time, value,
    /// code.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, first: Int64, _ body: (Int64, Int64, Double, UInt16) throws -> Void
    ) throws {
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            let point = Int64(bitPattern: try reader.unsigned())
            let time = first &+ (try reader.signed())
            let tag = try reader.byte()
            var value = Double.nan
            switch tag & 31 {
            case 0...15: value = Double(try reader.signed()) / NumberForm.powers[Int(tag & 15)]
            case isDouble: value = Double(bitPattern: try reader.fixed())
            case hasNoValue: break
            default: throw ChunkDamage("a hot reading's form is unknown")
            }
            var code: UInt16 = 0
            if tag & isNotGood != 0 {
                let quality = try reader.byte()
                code = UInt16(quality) | UInt16(try reader.byte()) << 8
            }
            try body(point, time, value, code)
        }
    }
}
