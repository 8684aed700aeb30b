import Metering
import ReadingCodec
import Salvage

extension StoreWriter {
    /// Makes chunks of hot readings where there are enough, some points with each commit, so that none takes long.
    ///
    /// As long as it goes on the points that are done have their readings twice, in chunks and in hot rows; those rows
    /// are deleted with the last points. What comes in meanwhile is in later rows.
    func sealIfDue() throws {
        guard var known = state.readings else { return }
        if known.sealing == nil {
            guard known.hotCount > 0,
                known.largestHotCount >= rule.readingsOfPoint || known.hotCount >= rule.readings
                    || known.hotLast - known.hotFirst >= rule.span,
                let last = try integer("SELECT max(seq) FROM hot")
            else { return }
            known.sealing = Sealing(last: last, next: 0, counts: known.hotCounts)
            try beginSealedRows(last)
            known.clearHot()
        }
        state.readings = nil
        if let sealing = known.sealing { known.sealing = try seal(sealing, most: rule.step) }
        state.readings = known
    }

    /// Seals the next points, about so many readings; nil when none is left.
    private func seal(_ sealing: Sealing, most: Int) throws -> Sealing? {
        var sealing = sealing
        var points: [Int64: ReadingColumns] = [:]
        var count = 0
        for point in sealing.counts.keys.sorted() where point >= sealing.next && count < most {
            points[point] = ReadingColumns()
            count += sealing.counts[point] ?? 0
            sealing.next = point + 1
        }
        let isLast = !sealing.counts.keys.contains { $0 >= sealing.next }
        var clock: Int64?
        try with("SELECT first, data, clock FROM hot WHERE seq <= ? ORDER BY seq") { statement in
            statement.bind(1, sealing.last)
            while try statement.step() {
                if let noted = statement.int64OrNil(2) { clock = noted }
                try decodeHot(statement.bytes(1), statement.int64(0), where: { points[$0] != nil }) {
                    points[$0]?.append($1, $2, $3)
                }
            }
        }
        // Before the chunks, which so take the pages that become free.
        if isLast { try endSealing(through: sealing.last, clock: clock) }
        for (point, columns) in points.sorted(by: { $0.key < $1.key }) where columns.count > 0 {
            try pack(point, columns.settled())
        }
        if isLast {
            try endSealedRows()
            return nil
        }
        try setMeta("sealing_last", sealing.last)
        try setMeta("sealing_next", sealing.next)
        return sealing
    }

    private func endSealing(through last: Int64, clock: Int64?) throws {
        hotGroup = nil
        try setMeta("hot_last", last)
        try with("DELETE FROM hot WHERE seq <= ?") { statement in
            statement.bind(1, last)
            try statement.run()
        }
        // The rows carried the clock of their commits.
        if let clock {
            try setMeta("clock", max(clock, try integer("SELECT value FROM meta WHERE key = 'clock'") ?? clock))
        }
        try with("DELETE FROM meta WHERE key IN ('sealing_last', 'sealing_next')") { try $0.run() }
    }

    /// How far sealing has come, where it goes on.
    func storedSealing() throws -> Sealing? {
        guard let last = try integer("SELECT value FROM meta WHERE key = 'sealing_last'"),
            let next = try integer("SELECT value FROM meta WHERE key = 'sealing_next'")
        else { return nil }
        return Sealing(last: last, next: next, counts: [:])
    }

    /// Makes chunks of all hot readings, point by point, and empties the hot table.
    func seal() throws {
        let begun = try storedSealing()
        var points: [Int64: ReadingColumns] = [:]
        var clock: Int64?
        var last: Int64 = 0
        try with("SELECT first, data, clock, seq FROM hot ORDER BY seq") { statement in
            while try statement.step() {
                if let noted = statement.int64OrNil(2) { clock = noted }
                last = statement.int64(3)
                let next = begun.map { last <= $0.last ? $0.next : 0 } ?? 0
                try decodeHot(statement.bytes(1), statement.int64(0), where: { $0 >= next }) {
                    points[$0, default: ReadingColumns()].append($1, $2, $3)
                }
            }
        }
        if last == 0 { return }
        try beginSealedRows(last)
        try endSealing(through: last, clock: clock)
        for (point, columns) in points.sorted(by: { $0.key < $1.key }) { try pack(point, columns.settled()) }
        try endSealedRows()
        state.readings?.sealing = nil
        state.readings?.clearHot()
    }

    /// Puts a big batch into chunks, point by point.
    func packBatch(_ readings: [Reading]) throws {
        var columns = [ReadingColumns](repeating: ReadingColumns(), count: identities.points.count)
        for reading in readings {
            columns[Int(reading.point)].append(
                reading.time.milliseconds, reading.value, ReadingColumns.code(reading.quality, reading.reason))
        }
        for (index, arrived) in columns.enumerated() where arrived.count > 0 {
            let id = try identities.point(PointIndex(index))
            let settled = arrived.settled()
            try pack(id, settled)
            let last = settled.times[settled.count - 1]
            if last > state.readings?.newest[id] ?? .min { state.readings?.newest[id] = last }
        }
    }

    /// Writes ascending readings of one point as chunks of even size.
    ///
    /// `arrived` is the place in the order of arrival of what was joined; nil: it arrives now.
    func pack(_ point: Int64, _ columns: ReadingColumns, arrived: Int64? = nil) throws {
        let parts = (columns.count + ChunkCodec.capacity - 1) / ChunkCodec.capacity
        for part in 0..<parts {
            let range = columns.count * part / parts..<columns.count * (part + 1) / parts
            try writeChunk(point, parts == 1 ? columns : columns.part(range), arrived)
        }
    }

    /// The number of the next chunk, which stays free.
    func coming() throws -> Int64 {
        let number = try nextChunk()
        state.nextChunk = number
        return number
    }

    /// The number of the next chunk: larger than those of all that are there, or may still come from a damaged file.
    private func nextChunk() throws -> Int64 {
        var number = state.nextChunk ?? 0
        if number == 0 {
            let floor = try integer("SELECT value FROM meta WHERE key = '\(DatabaseSalvage.floor)'") ?? 0
            number = max(floor, try integer("SELECT max(id) FROM chunk") ?? 0) + 1
        }
        state.nextChunk = number + 1
        return number
    }

    private func writeChunk(_ point: Int64, _ columns: ReadingColumns, _ arrived: Int64?) throws {
        let header = ChunkHeader(id: 0, of: columns)
        let data = codec.encode(columns)
        let sql = """
            INSERT INTO chunk (point, first, last, count, usable, minimum, maximum, total, version, checksum, data, id,
                arrived)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let number = try nextChunk()
        try with(sql) { statement in
            statement.bind(12, number)
            statement.bind(13, arrived)
            statement.bind(1, point)
            statement.bind(2, header.first)
            statement.bind(3, header.last)
            statement.bind(4, header.count)
            statement.bind(5, header.usable)
            statement.bind(6, header.minimum)
            statement.bind(7, header.maximum)
            statement.bind(8, header.total)
            statement.bind(9, ChunkCodec.version)
            data.withUnsafeBytes { bytes in
                statement.bind(10, Int64(header.checksum(point: point, bytes)))
                statement.bind(11, bytes)
            }
            try statement.run()
        }
    }
}

/// Hot rows on their way into chunks.
struct Sealing {
    /// The last row that takes part.
    var last: Int64
    /// The database's number from which on points are still to be done.
    var next: Int64
    /// Readings in those rows by the database's number of their point.
    var counts: [Int64: Int]
}
