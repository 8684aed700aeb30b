import Metering

/// What a chunk's row says about its readings without unpacking them.
package struct ChunkHeader {
    /// The order of arrival: where two chunks hold the same time, the larger number wins.
    package var id: Int64
    package var first: Int64
    package var last: Int64
    package var count: Int
    package var usable: Int
    package var minimum: Double?
    package var maximum: Double?
    package var total: Double?

    /// A header with no extremes yet.
    package init(id: Int64, first: Int64, last: Int64, count: Int, usable: Int) {
        (self.id, self.first, self.last, self.count, self.usable) = (id, first, last, count, usable)
    }

    /// The header of readings that are not empty.
    package init(id: Int64, of columns: ReadingColumns) {
        self.id = id
        first = columns.times[0]
        last = columns.times[columns.count - 1]
        count = columns.count
        usable = 0
        var minimum = Double.infinity
        var maximum = -Double.infinity
        var total = 0.0
        for index in columns.codes.indices where ReadingColumns.isUsable(columns.codes[index]) {
            let value = columns.values[index]
            usable += 1
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            total += value
        }
        if usable > 0 {
            self.minimum = minimum
            self.maximum = maximum
            self.total = total
        }
    }

    /// The checksum of the row: everything in it that a reading or a summary is made from.
    ///
    /// A zero counts without its sign, because SQLite keeps none.
    package func checksum(point: Int64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        checksum(point: point, figures: [minimum, maximum, total].map { $0?.withoutSignOfZero }, bytes)
    }

    /// Whether the row is as it was written with that checksum.
    ///
    /// Versions before this one summed a zero with its sign, which SQLite then did not keep: both signs are tried.
    package func fits(_ stored: Int64, point: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if Int64(checksum(point: point, bytes)) == stored { return true }
        let figures = [minimum, maximum, total]
        let zeros = figures.indices.filter { figures[$0] == 0 }
        return (0..<1 << zeros.count).dropFirst().contains { signs in
            var signed = figures
            for (bit, index) in zeros.enumerated() where signs >> bit & 1 == 1 { signed[index] = -0.0 }
            return Int64(checksum(point: point, figures: signed, bytes)) == stored
        }
    }

    private func checksum(point: Int64, figures: [Double?], _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = Checksum()
        for integer in [point, first, last, Int64(count), Int64(usable)] { sum.add(integer) }
        for value in figures { sum.add(Int64(bitPattern: value?.bitPattern ?? 0)) }
        sum.add(bytes)
        return sum.value
    }
}
