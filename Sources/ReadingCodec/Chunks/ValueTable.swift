/// The values that come again and again in a chunk: a sensor's steps that are no round numbers, means of few readings,
/// the patterns of a status word.
///
/// Their places in a table in ascending order are small integers that are as near to each other as the values were.
struct ValueTable {
    /// The distinct integers, ascending.
    let entries: [Int64]

    /// The table of a series; nil where too few of its integers come more than once.
    init?(_ series: [Int64]) {
        // A look at some of them spares sorting what is all different.
        let sample = series.prefix(512)
        guard sample.count < 512 || Set(sample).count <= 448 else { return nil }
        var entries: [Int64] = []
        for value in series.sorted() where value != entries.last { entries.append(value) }
        guard entries.count <= series.count / 2 else { return nil }
        self.entries = entries
    }

    /// A table as it was stored.
    init(entries: [Int64]) { self.entries = entries }

    /// The places of the integers, each of which is in the table.
    func places(of series: [Int64]) -> [Int64] {
        series.map { value in
            var (low, high) = (0, entries.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle] < value { low = middle + 1 } else { high = middle }
            }
            return Int64(low)
        }
    }

    /// Replaces places by the integers that stand there.
    func look(up places: UnsafeMutableBufferPointer<Int64>) throws(ChunkDamage) {
        for index in places.indices {
            guard entries.indices.contains(Int(places[index])) else { throw ChunkDamage("its table is too short") }
            places[index] = entries[Int(places[index])]
        }
    }
}
