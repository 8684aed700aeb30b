import Metering
import ReadingCodec
import Tail

extension PlantStore {
    /// The database's identity in its tail, and the last block of the tail that its commits have come to.
    ///
    /// A database that never had a tail gets an identity where one may be made.
    package func tailMark(orMake makes: Bool) throws -> (identity: Int64, committed: Int64) {
        let known = try read { (try $0.tailIdentity(), try $0.tailCommitted()) }
        if let identity = known.0 { return (identity, known.1) }
        guard makes else { return (0, 0) }
        let identity = Int64.random(in: 1...Int64.max)
        try write { try $0.setMeta("identity", identity) }
        // A block of the tail is nobody's as long as the database has not kept who it is.
        flush()
        return (identity, 0)
    }

    /// What the tail holds beyond the state that a reader sees, by the database's numbers of the points.
    func pendingInTail(_ reader: StoreReader) throws -> [Int64: ReadingColumns] {
        guard let identity = try reader.tailIdentity() else { return [:] }
        let files = TailFiles.files(identity: identity, directory: directory)
        var columns: [Int64: ReadingColumns] = [:]
        let contents = TailContents(identity: identity, files: files, directory: directory)
        for reading in contents.readings(after: try reader.tailCommitted()) {
            columns[reading.number, default: ReadingColumns()].append(reading.time, reading.value, reading.code)
        }
        return columns.mapValues { $0.settled() }
    }
}

extension StoreReader {
    /// The number by which the tail knows its database; nil where it never had one.
    package final func tailIdentity() throws -> Int64? { try integer("SELECT value FROM meta WHERE key = 'identity'") }

    /// The last block of the tail that a commit has come to.
    package final func tailCommitted() throws -> Int64 { try integer("SELECT value FROM meta WHERE key = 'tail'") ?? 0 }
}

extension StoreWriter {
    /// Notes that everything in the tail up to a block is stored with this commit (``ReadingTail/last``).
    package func noteTail(_ last: Int64) throws {
        guard state.tail != last else { return }
        state.tail = nil
        try setMeta("tail", last)
        state.tail = last
    }
}
