import Metering

extension StoreWriter {
    /// Deletes chunks that end before an instant, the oldest of each point first, at most so many; counts the readings that a
    /// forward target had not got.
    func dropReadings(before instant: Instant, most: Int, unsent: inout [String: Int]) throws -> Int {
        var dropped = 0
        let cursors = try forwardCursors().filter { $0.stream == "readings" }
        let sql =
            "DELETE FROM chunk WHERE id IN "
            + "(SELECT id FROM chunk WHERE point = ?1 AND last < ?2 AND \(StoreReader.isNotKept) ORDER BY last LIMIT ?3) "
            + "RETURNING coalesce(arrived, id), count, last"
        for id in try numbers("SELECT id FROM point") where dropped < most {
            var gone: [(arrival: Int64, readings: Int, last: Int64)] = []
            try with(sql) { statement in
                statement.bind(1, id)
                statement.bind(2, instant.milliseconds)
                statement.bind(3, most - dropped)
                while try statement.step() {
                    gone.append((statement.int64(0), statement.int(1), statement.int64(2)))
                }
            }
            dropped += gone.count
            for cursor in cursors {
                for chunk in gone where try !isSent(chunk.arrival, chunk.last, cursor) {
                    unsent[cursor.target, default: 0] += chunk.readings
                }
            }
        }
        if dropped > 0 { try noteDeleted(upTo: instant.milliseconds) }
        return dropped
    }

    /// Whether a target has what came in with that chunk, or does not want it.
    private func isSent(_ arrival: Int64, _ last: Int64, _ cursor: ForwardCursor) throws -> Bool {
        if arrival <= cursor.first || last < cursor.since.milliseconds { return true }
        // It may have got the same readings as hot rows, before they were sealed.
        let sql = "SELECT 1 FROM sealed_rows WHERE ?1 BETWEEN first AND last AND hot <= ?2"
        return try integer(sql, arrival, cursor.second) != nil
    }

    /// Notes that readings before a time were deleted by rule: what was sealed of them is missing for that reason.
    private func noteDeleted(upTo end: Int64) throws {
        let known = try integer("SELECT value FROM meta WHERE key = 'deleted_up_to'") ?? .min
        if end > known { try setMeta("deleted_up_to", end) }
    }

    /// Deletes those chunks, as far as they are there.
    func dropChunks(_ ids: [Int64]) throws -> (chunks: Int, readings: Int) {
        var last = Int64.min
        let dropped = try with("DELETE FROM chunk WHERE id = ? RETURNING count, last") { statement in
            var dropped = (chunks: 0, readings: 0)
            for id in ids {
                statement.bind(1, id)
                while try statement.step() {
                    dropped.chunks += 1
                    dropped.readings += statement.int(0)
                    last = max(last, statement.int64(1) + 1)
                }
                statement.reset()
            }
            return dropped
        }
        if dropped.chunks > 0 { try noteDeleted(upTo: last) }
        return dropped
    }

    /// Deletes indicator values and verdicts whose windows end before an instant, at most so many rows.
    func dropValues(before instant: Instant, most: Int) throws -> Int {
        var dropped = 0
        for id in try numbers("SELECT id FROM indicator") where dropped < most {
            let sql =
                "DELETE FROM value WHERE indicator = ?1 AND \"end\" <= coalesce((SELECT max(\"end\") FROM "
                + "(SELECT \"end\" FROM value WHERE indicator = ?1 AND \"end\" <= ?2 ORDER BY \"end\" LIMIT ?3)), ?4)"
            dropped += try drop(sql, id, instant, most - dropped)
        }
        for id in try numbers("SELECT id FROM objective") where dropped < most {
            let last =
                "SELECT max(\"end\") FROM (SELECT \"end\" FROM verdict WHERE objective = ?1 AND \"end\" <= ?2 "
                + "ORDER BY \"end\" LIMIT ?3)"
            guard let end = try integer(last, id, instant.milliseconds, Int64(most - dropped)) else { continue }
            try keepMemory(id, after: end)
            dropped += try drop(
                "DELETE FROM verdict WHERE objective = ?1 AND \"end\" <= ?2 AND ?3 = ?3 AND ?4 = ?4", id,
                Instant(milliseconds: end), 0)
        }
        return dropped
    }

    private func drop(_ sql: String, _ id: Int64, _ instant: Instant, _ most: Int) throws -> Int {
        try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, instant.milliseconds)
            statement.bind(3, most)
            statement.bind(4, Int64.min)
            try statement.run()
            return statement.changes
        }
    }

    /// The first verdict that stays gets a memory of its own, if it leans on one that goes.
    private func keepMemory(_ id: Int64, after end: Int64) throws {
        let before = Window(start: Instant(milliseconds: .max), end: Instant(milliseconds: end))
        guard let next = try next(id, after: before), next.leans else { return }
        try setMemory(id, next.window, try memory(id, upTo: next.window))
    }
}

extension StoreReader {
    /// The chunks that end first of all and before an instant, at most so many; asked point by point, because only those
    /// of one point are in order.
    ///
    /// Without `kept` those are left out that a nonconformity keeps.
    final func oldestChunks(_ most: Int, before instant: Instant, kept: Bool) throws -> [Int64] {
        var oldest: [(last: Int64, id: Int64)] = []
        let sql =
            "SELECT last, id FROM chunk WHERE point = ? AND last < ? "
            + (kept ? "" : "AND \(StoreReader.isNotKept) ") + "ORDER BY last LIMIT ?"
        for point in try numbers("SELECT id FROM point") {
            try with(sql) { statement in
                statement.bind(1, point)
                statement.bind(2, instant.milliseconds)
                statement.bind(3, most)
                while try statement.step() { oldest.append((statement.int64(0), statement.int64(1))) }
            }
        }
        return oldest.sorted { $0 < $1 }.prefix(most).map(\.id)
    }

    fileprivate final func numbers(_ sql: String) throws -> [Int64] {
        try with(sql) { statement in
            var found: [Int64] = []
            while try statement.step() { found.append(statement.int64(0)) }
            return found
        }
    }
}
