import DatabaseFile
import ReadingCodec

extension ChunkHeader {
    /// The header in a row of `id, first, last, count, usable, minimum, maximum, total`.
    package init(_ statement: StoreStatement) {
        self.init(
            id: statement.int64(0), first: statement.int64(1), last: statement.int64(2), count: statement.int(3),
            usable: statement.int(4))
        minimum = statement.doubleOrNil(5)
        maximum = statement.doubleOrNil(6)
        total = statement.doubleOrNil(7)
    }
}
