import ReadingCodec

/// All hot readings of some neighbouring points, unpacked together: reading the rows once for each point would take
/// minutes in a large plant.
struct HotGroup {
    /// Points in a group.
    private static let size: Int64 = 128

    private let first: Int64
    private var columns: [ReadingColumns]

    /// The group of the point with this number, as the reader sees it now.
    init(around point: Int64, _ reader: StoreReader) throws {
        let start = point / HotGroup.size * HotGroup.size
        first = start
        var columns = [ReadingColumns](repeating: ReadingColumns(), count: Int(HotGroup.size))
        try reader.with("SELECT first, data FROM hot ORDER BY seq") { statement in
            while try statement.step() {
                try reader.decodeHot(
                    statement.bytes(1), statement.int64(0), where: { $0 >= start && $0 < start + HotGroup.size }
                ) { number, time, value, code in
                    columns[Int(number - start)].append(time, value, code)
                }
            }
        }
        for (number, more) in reader.inTail where number >= start && number < start + HotGroup.size {
            columns[Int(number - start)].append(more, 0..<more.count)
        }
        self.columns = columns.map { $0.settled() }
    }

    /// Whether the point belongs to it.
    func contains(_ point: Int64) -> Bool { point >= first && point < first + HotGroup.size }

    /// The readings of a point that belongs to it, ascending.
    func readings(of point: Int64) -> ReadingColumns { columns[Int(point - first)] }
}
