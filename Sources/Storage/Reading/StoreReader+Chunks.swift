import DatabaseFile
import GRDB
import Metering
import ReadingCodec

extension StoreReader {
    /// The headers of a point's chunks that share time with a stretch, in no order.
    final func chunks(_ point: Int64, _ window: Window) throws -> [ChunkHeader] {
        let sql =
            "SELECT id, first, last, count, usable, minimum, maximum, total FROM chunk "
            + "WHERE point = ?1 AND last >= ?2 AND first < ?3"
        return try with(sql) { statement in
            statement.bind(1, point)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            var found: [ChunkHeader] = []
            while try statement.step() { found.append(ChunkHeader(statement)) }
            return found
        }
    }

    /// Stretches of a point's readings that stand in two chunks with the same content.
    package final func doubledChunks() throws -> [(point: String, stretch: Window)] {
        // The index alone says where it can be.
        let sql = """
            SELECT point.name, twice.first, twice.last FROM
                (SELECT point, first, last, count FROM chunk GROUP BY point, last, first, count HAVING count(*) > 1) AS twice
                JOIN point ON point.id = twice.point
            WHERE EXISTS (SELECT 1 FROM chunk WHERE chunk.point = twice.point AND chunk.last = twice.last
                AND chunk.first = twice.first AND chunk.count = twice.count GROUP BY checksum HAVING count(*) > 1)
            """
        return try with(sql) { statement in
            var found: [(point: String, stretch: Window)] = []
            while try statement.step() {
                let end = Instant(milliseconds: statement.int64(2)) + 1
                found.append((statement.text(0), Window(start: Instant(milliseconds: statement.int64(1)), end: end)))
            }
            return found
        }
    }

    /// The readings of a chunk, after its checksum was found right.
    package final func unpack(_ point: Int64, _ header: ChunkHeader) throws -> ReadingColumns {
        try with("SELECT version, checksum, data FROM chunk WHERE id = ?") { statement in
            statement.bind(1, header.id)
            var columns = ReadingColumns()
            do {
                guard try statement.step() else { throw ChunkDamage("it is gone") }
                if let known = unpacked.columns(header.id, checksum: statement.int64(1)) { return known }
                let bytes = statement.bytes(2)
                guard header.fits(statement.int64(1), point: point, bytes) else {
                    throw ChunkDamage("its checksum is wrong")
                }
                try codec.decode(bytes, version: statement.int(0), into: &columns)
                guard columns.count == header.count, columns.times.first == header.first,
                    columns.times.last == header.last
                else {
                    throw ChunkDamage("it is not what its row says")
                }
            } catch let damage as ChunkDamage {
                throw StoreFault(
                    .corrupt,
                    "chunk \(header.id) of the readings is damaged (\(damage.message)): "
                        + "restore a backup"
                )
            }
            unpacked.keep(columns, header.id, checksum: statement.int64(1))
            return columns
        }
    }

    /// The hot readings of one point in a stretch, ascending, the last arrived of each time.
    ///
    /// Who asks for many points, one after the other, has them unpacked in groups.
    final func hotReadings(_ point: Int64, _ window: Window) throws -> ReadingColumns {
        hotQuestions += 1
        if hotQuestions > 8 {
            if hotGroup?.contains(point) != true { hotGroup = try HotGroup(around: point, self) }
            if let columns = hotGroup?.readings(of: point) {
                let (from, to) = (window.start.milliseconds, window.end.milliseconds)
                return columns.part(columns.index(from: from)..<max(columns.index(from: from), columns.index(from: to)))
            }
        }
        var arrived = ReadingColumns()
        let sql = "SELECT first, data FROM hot WHERE last >= ? AND first < ? ORDER BY seq"
        try with(sql) { statement in
            statement.bind(1, window.start.milliseconds)
            statement.bind(2, window.end.milliseconds)
            while try statement.step() {
                try decodeHot(statement.bytes(1), statement.int64(0), where: { $0 == point }) { _, time, value, code in
                    arrived.append(time, value, code)
                }
            }
        }
        if let more = inTail[point] { arrived.append(more, more.index(from: window.start.milliseconds)..<more.count) }
        return arrived.settled()
    }

    /// Hands out the readings of a hot row that are of wanted points; its damage is the database's.
    package final func decodeHot(
        _ bytes: UnsafeRawBufferPointer, _ first: Int64, where isWanted: (Int64) -> Bool = { _ in true },
        _ body: (Int64, Int64, Double, UInt16) throws -> Void
    ) throws {
        do {
            try HotRow.decode(bytes, first: first, where: isWanted, body)
        } catch let damage as ChunkDamage {
            throw StoreFault(
                .corrupt,
                "a hot row of the readings is damaged (\(damage.message)): restore a backup")
        }
    }
}

extension ReadingColumns {
    /// The same readings ascending in time, of several at one time the last.
    func settled() -> ReadingColumns {
        var ascends = true
        for index in times.indices.dropFirst() where times[index] <= times[index - 1] {
            ascends = false
            break
        }
        if ascends { return self }
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        var settled = ReadingColumns()
        settled.reserveCapacity(count)
        for (place, index) in order.enumerated() {
            if place + 1 < order.count, times[order[place + 1]] == times[index] { continue }
            settled.append(times[index], values[index], codes[index])
        }
        return settled
    }
}
