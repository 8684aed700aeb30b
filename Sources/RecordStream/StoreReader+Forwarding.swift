import Conformity
import DatabaseFile
import Metering
import ReadingCodec
import Storage

extension StoreReader {
    /// Names and units of all points that were ever recorded, by the database's number.
    package final func numberedPoints() throws -> [Int64: (name: String, unit: String?)] {
        try with("SELECT id, name, unit FROM point") { statement in
            var found: [Int64: (String, String?)] = [:]
            while try statement.step() { found[statement.int64(0)] = (statement.text(1), statement.textOrNil(2)) }
            return found
        }
    }

    // MARK: Readings in the order of recording

    /// The next readings after a cursor, about so many, and the cursor behind them; none: the target has all.
    ///
    /// What is damaged is passed over and named in sentences: it holds up nothing that comes after it.
    ///
    /// ```
    /// var cursor = ForwardCursor(target: "head_office", stream: "readings", since: .distantPast)
    /// while case let (readings, next, _) = try reader.readings(after: cursor, about: 5000), next != cursor {
    ///     send(readings)
    ///     cursor = next
    /// }
    /// ```
    package final func readings(
        after cursor: ForwardCursor, about most: Int
    ) throws -> (readings: [NumberedReading], cursor: ForwardCursor, damaged: [String]) {
        try settle()
        var next = cursor
        var found: [NumberedReading] = []
        var damaged: [String] = []
        try takeChunks(&next, &found, &damaged, most)
        if found.count < most { try takeHotRows(&next, &found, &damaged, most) }
        return (found, next, damaged)
    }

    private func passingOver(_ damaged: inout [String], _ read: () throws -> Void) throws {
        do {
            try read()
        } catch let fault as StoreFault where fault.kind == .corrupt {
            damaged.append(fault.message)
        }
    }

    private func takeChunks(
        _ cursor: inout ForwardCursor, _ found: inout [NumberedReading], _ damaged: inout [String], _ most: Int
    ) throws {
        // Chunks of a sealing under way say what its hot rows still say. A joined chunk stands where the last of its parts
        // stood: what a target has not got of it stands beyond the target's cursor, wherever that is.
        let limit = try integer("SELECT first FROM sealed_rows WHERE last IS NULL") ?? .max
        let sql = """
            SELECT id, point, count, coalesce(arrived, id) AS place,
                (SELECT hot FROM sealed_rows
                    WHERE coalesce(chunk.arrived, chunk.id) BETWEEN sealed_rows.first AND sealed_rows.last)
            FROM chunk WHERE coalesce(arrived, id) > ?1 AND coalesce(arrived, id) < ?2 ORDER BY coalesce(arrived, id), id
            """
        var chunks: [(id: Int64, point: Int64, place: Int64, hot: Int64?)] = []
        try with(sql) { statement in
            statement.bind(1, cursor.first)
            statement.bind(2, limit)
            var count = found.count
            while try statement.step() {
                let place = statement.int64(3)
                // Those of one place are taken together.
                if count >= most, place != chunks.last?.place { return }
                let hot = statement.int64OrNil(4)
                if hot ?? .max > cursor.second { count += statement.int(2) }
                chunks.append((statement.int64(0), statement.int64(1), place, hot))
            }
        }
        for chunk in chunks {
            cursor.first = chunk.place
            // Sent as rows already.
            if let hot = chunk.hot, hot <= cursor.second { continue }
            try passingOver(&damaged) { try take(chunk: chunk.id, of: chunk.point, since: cursor.since, &found) }
        }
    }

    private func take(
        chunk id: Int64, of point: Int64, since: Instant, _ found: inout [NumberedReading]
    ) throws {
        let sql = "SELECT id, first, last, count, usable, minimum, maximum, total FROM chunk WHERE id = ? AND last >= ?"
        let header: ChunkHeader? = try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, since.milliseconds)
            return try statement.step() ? ChunkHeader(statement) : nil
        }
        guard let header else { return }
        let columns = try unpack(point, header)
        for index in columns.index(from: since.milliseconds)..<columns.count {
            let reading = columns.reading(index, of: 0)
            found.append(
                NumberedReading(
                    point: point, time: reading.time, value: reading.value, quality: reading.quality,
                    reason: reading.reason))
        }
    }

    private func takeHotRows(
        _ cursor: inout ForwardCursor, _ found: inout [NumberedReading], _ damaged: inout [String], _ most: Int
    ) throws {
        let since = cursor.since.milliseconds
        var reached = cursor.second
        var taken: [NumberedReading] = []
        let room = most - found.count
        try with("SELECT seq, first, data FROM hot WHERE seq > ? ORDER BY seq") { statement in
            statement.bind(1, cursor.second)
            while taken.count < room, try statement.step() {
                reached = statement.int64(0)
                try passingOver(&damaged) {
                    try decodeHot(statement.bytes(2), statement.int64(1)) { point, time, value, code in
                        if time < since { return }
                        let reading = Reading(0, time, value, code)
                        taken.append(
                            NumberedReading(
                                point: point, time: reading.time, value: reading.value, quality: reading.quality,
                                reason: reading.reason))
                    }
                }
            }
        }
        found += taken
        cursor.second = reached
    }

    /// About how many readings a target has not got, and the time of the earliest one of them.
    package final func readingsWaiting(after cursor: ForwardCursor) throws -> (count: Int, oldest: Instant?) {
        try settle()
        let chunks = """
            SELECT coalesce(sum(count), 0), min(first) FROM chunk
            WHERE coalesce(arrived, id) > ?1 AND last >= ?3
                AND coalesce(arrived, id) < coalesce((SELECT first FROM sealed_rows WHERE last IS NULL), 9223372036854775807)
                AND NOT EXISTS (SELECT 1 FROM sealed_rows
                    WHERE coalesce(chunk.arrived, chunk.id) BETWEEN sealed_rows.first AND sealed_rows.last AND hot <= ?2)
            """
        let hot = "SELECT coalesce(sum(count), 0), min(first) FROM hot WHERE seq > ?2 AND last >= ?3 AND ?1 = ?1"
        var count = 0
        var oldest: Int64?
        for sql in [chunks, hot] {
            try with(sql) { statement in
                statement.bind(1, cursor.first)
                statement.bind(2, cursor.second)
                statement.bind(3, cursor.since.milliseconds)
                guard try statement.step() else { return }
                count += statement.int(0)
                if let first = statement.int64OrNil(1) { oldest = min(oldest ?? .max, first) }
            }
        }
        return (count, oldest.map(Instant.init(milliseconds:)))
    }
}

extension StoreReader {
    /// A nonconformity as it stands; nil where there is none of that number.
    package final func standing(_ id: String) throws -> RecordedNonconformity? {
        let sql = """
            SELECT objective, (SELECT title FROM objective AS o WHERE o.name = nonconformity.objective), severity, state,
                condition, onset, raised_at, cleared_at, peak, bound, unit, recurrence_of FROM nonconformity WHERE id = ?
            """
        return try with(sql) { statement in
            statement.bind(1, id)
            guard try statement.step() else { return nil }
            return RecordedNonconformity(
                id: id, objective: statement.text(0), title: statement.textOrNil(1), severity: statement.text(2),
                state: statement.text(3), condition: statement.text(4),
                onset: Instant(milliseconds: statement.int64(5)), raisedAt: Instant(milliseconds: statement.int64(6)),
                clearedAt: statement.int64OrNil(7).map(Instant.init(milliseconds:)), peak: statement.doubleOrNil(8),
                bound: statement.doubleOrNil(9), unit: statement.textOrNil(10), recurrenceOf: statement.textOrNil(11))
        }
    }

    /// Lines of the journal after a number, at most so many, in order.
    package final func journal(after seq: Int64, atMost most: Int) throws -> [JournalRecord] {
        try with("SELECT seq, time, line, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?") { statement in
            statement.bind(1, seq)
            statement.bind(2, most)
            var found: [JournalRecord] = []
            while try statement.step() {
                found.append(
                    JournalRecord(
                        seq: statement.int(0), time: Instant(milliseconds: statement.int64(1)), line: statement.text(2),
                        hash: statement.text(3)))
            }
            return found
        }
    }
}
