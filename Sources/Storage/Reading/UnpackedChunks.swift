import ReadingCodec

/// The chunks unpacked last within one transaction: the evidence of many nonconformities often lies in the same few.
struct UnpackedChunks {
    private struct Entry {
        var id: Int64
        var checksum: Int64
        var columns: ReadingColumns
    }

    private static let capacity = 8
    private var entries: [Entry] = []
    private var next = 0

    /// The readings of a chunk that is still what it was when it was kept.
    func columns(_ id: Int64, checksum: Int64) -> ReadingColumns? {
        entries.first { $0.id == id && $0.checksum == checksum }?.columns
    }

    /// Keeps a chunk's readings in place of the oldest kept.
    mutating func keep(_ columns: ReadingColumns, _ id: Int64, checksum: Int64) {
        let entry = Entry(id: id, checksum: checksum, columns: columns)
        if entries.count < UnpackedChunks.capacity {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % UnpackedChunks.capacity
        }
    }
}
