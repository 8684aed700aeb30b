/// Unpacks the blob of a hot row, in whichever form it was written.
package enum HotRow {
    /// Hands out the readings of wanted points: point (the database's number), time, value, code. Those of one point come
    /// in the order in which they arrived.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, first: Int64, where isWanted: (Int64) -> Bool = { _ in true },
        _ body: (Int64, Int64, Double, UInt16) throws -> Void
    ) throws {
        if bytes.first == 0 { return try HotRowCodec.decode(bytes, first: first, where: isWanted, body) }
        try HotBatch.decode(bytes, first: first) { point, time, value, code in
            if isWanted(point) { try body(point, time, value, code) }
        }
    }
}
