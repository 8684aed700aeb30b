import Metering

extension StoreWriter {
    func sealIfDue() throws {
        guard let known = state.readings, known.hotCount > 0 else { return }
        if known.largestHotCount >= rule.readingsOfPoint || known.hotCount >= rule.readings
            || known.hotLast - known.hotFirst >= rule.span
        {
            try seal()
        }
    }

    /// Makes chunks of all hot readings, point by point, and empties the hot table.
    func seal() throws {
        var points: [ReadingColumns] = []
        var clock: Int64?
        try with("SELECT first, data, clock FROM hot ORDER BY seq") { statement in
            while try statement.step() {
                if let noted = statement.int64OrNil(2) { clock = noted }
                try decodeHot(statement.bytes(1), statement.int64(0)) { point, time, value, code in
                    while points.count <= Int(point) { points.append(ReadingColumns()) }
                    points[Int(point)].append(time, value, code)
                }
            }
        }
        if points.isEmpty { return }
        for (point, columns) in points.enumerated() where columns.count > 0 {
            try pack(Int64(point), columns.settled())
        }
        try with("DELETE FROM hot") { try $0.run() }
        // The rows carried the clock of their commits.
        if let clock { try setMeta("clock", clock) }
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
    func pack(_ point: Int64, _ columns: ReadingColumns) throws {
        let parts = (columns.count + ChunkCodec.capacity - 1) / ChunkCodec.capacity
        for part in 0..<parts {
            let range = columns.count * part / parts..<columns.count * (part + 1) / parts
            try writeChunk(point, parts == 1 ? columns : columns.part(range))
        }
    }

    /// The number of the next chunk: larger than those of all that are there, or may still come from a damaged file.
    private func nextChunk() throws -> Int64 {
        var number = state.nextChunk ?? 0
        if number == 0 {
            let floor = try integer("SELECT value FROM meta WHERE key = '\(Salvage.floor)'") ?? 0
            number = max(floor, try integer("SELECT max(id) FROM chunk") ?? 0) + 1
        }
        state.nextChunk = number + 1
        return number
    }

    private func writeChunk(_ point: Int64, _ columns: ReadingColumns) throws {
        let header = ChunkHeader(id: 0, of: columns)
        let data = codec.encode(columns)
        let sql = """
            INSERT INTO chunk (point, first, last, count, usable, minimum, maximum, total, version, checksum, data, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let number = try nextChunk()
        try with(sql) { statement in
            statement.bind(12, number)
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
