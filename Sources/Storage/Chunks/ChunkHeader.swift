import Metering

/// What a chunk's row says about its readings without unpacking them.
struct ChunkHeader {
    /// The order of arrival: where two chunks hold the same time, the larger number wins.
    var id: Int64
    var first: Int64
    var last: Int64
    var count: Int
    var usable: Int
    var minimum: Double?
    var maximum: Double?
    var total: Double?

    /// A header with no extremes yet.
    init(id: Int64, first: Int64, last: Int64, count: Int, usable: Int) {
        (self.id, self.first, self.last, self.count, self.usable) = (id, first, last, count, usable)
    }

    /// The header of readings that are not empty.
    init(id: Int64, of columns: ReadingColumns) {
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

    /// The header in a row of `id, first, last, count, usable, minimum, maximum, total`.
    init(_ statement: StoreStatement) {
        id = statement.int64(0)
        first = statement.int64(1)
        last = statement.int64(2)
        count = statement.int(3)
        usable = statement.int(4)
        minimum = statement.doubleOrNil(5)
        maximum = statement.doubleOrNil(6)
        total = statement.doubleOrNil(7)
    }

    /// The checksum of the row: everything in it that a reading or a summary is made from.
    ///
    /// A zero counts without its sign, because SQLite keeps none.
    func checksum(point: Int64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        checksum(point: point, figures: [minimum, maximum, total].map { $0?.withoutSignOfZero }, bytes)
    }

    /// Whether the row is as it was written with that checksum.
    ///
    /// Versions before this one summed a zero with its sign, which SQLite then did not keep: both signs are tried.
    func fits(_ stored: Int64, point: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
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
