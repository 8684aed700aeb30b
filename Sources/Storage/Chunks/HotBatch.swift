import Metering

/// Packs the readings of one commit, of any points in any order, into the blob of a hot row; made for speed, not for
/// size.
///
/// For each reading: point (unsigned, the database's number), time minus the row's `first` (signed), a tag byte, then
/// what the tag says. Its low five bits: 0 to 15 the value is a decimal and this its exponent, the integer follows
/// (signed); 16 no value (bad); 17 the eight bytes of the double follow, lowest first. Bit 5: quality (1 byte) and
/// reason (1 byte) follow; without it the reading is good.
enum HotBatch {
    private static let hasNoValue: UInt8 = 16
    private static let isDouble: UInt8 = 17
    private static let isNotGood: UInt8 = 32

    /// The blob of a row; `number` gives the database's number of a point.
    static func encode(_ readings: [Reading], first: Int64, number: (PointIndex) throws -> Int64) rethrows -> [UInt8] {
        var writer = ByteWriter(capacity: readings.count * 8)
        for reading in readings {
            writer.unsigned(UInt64(try number(reading.point)))
            writer.signed(reading.time.milliseconds - first)
            let code = ReadingColumns.code(reading.quality, reading.reason)
            let flag = code == 0 ? 0 : isNotGood
            if !reading.isUsable {
                writer.byte(hasNoValue | flag)
            } else if let (integer, exponent) = decimal(reading.value) {
                writer.byte(exponent | flag)
                writer.signed(integer)
            } else {
                writer.byte(isDouble | flag)
                writer.fixed(reading.value.bitPattern)
            }
            if code != 0 {
                writer.byte(reading.quality.rawValue)
                writer.byte(reading.reason.rawValue)
            }
        }
        return writer.bytes
    }

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

    /// The value as an integer with an exponent of ten, where that is exact and short.
    @inline(__always)
    private static func decimal(_ value: Double) -> (Int64, UInt8)? {
        for exponent in 0...6 {
            let power = NumberForm.powers[exponent]
            let integer = (value * power).rounded()
            guard integer.magnitude < 562_949_953_421_312 else { return nil }
            let exact = Int64(integer)
            // Over the integer and back, because negative zero has none.
            if (Double(exact) / power).bitPattern == value.bitPattern { return (exact, UInt8(exponent)) }
        }
        return nil
    }
}
