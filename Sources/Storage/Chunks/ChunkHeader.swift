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
    func checksum(point: Int64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = Checksum()
        for integer in [point, first, last, Int64(count), Int64(usable)] { sum.add(integer) }
        for value in [minimum, maximum, total] { sum.add(Int64(bitPattern: value?.bitPattern ?? 0)) }
        sum.add(bytes)
        return sum.value
    }
}
