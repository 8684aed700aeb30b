import Metering

extension StoreWriter {
    /// So many windows in the log are enough: a target that has not got them is told all windows again from its beginning.
    private static let mostLogged = 500_000

    /// Stores how far a target has a stream, and drops what no target waits for any more.
    package func put(_ cursor: ForwardCursor) throws {
        let sql = """
            INSERT INTO forward_cursor (target, stream, first, second, past_thing, past_end, since, lines, acknowledged)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET first = excluded.first, second = excluded.second, past_thing = excluded.past_thing,
                past_end = excluded.past_end, since = excluded.since, lines = excluded.lines,
                acknowledged = excluded.acknowledged
            """
        try with(sql) { statement in
            statement.bind(1, cursor.target)
            statement.bind(2, cursor.stream)
            statement.bind(3, cursor.first)
            statement.bind(4, cursor.second)
            statement.bind(5, cursor.past?.thing)
            statement.bind(6, cursor.past?.end)
            statement.bind(7, cursor.since.milliseconds)
            statement.bind(8, cursor.lines)
            statement.bind(9, cursor.acknowledged?.milliseconds)
            try statement.run()
        }
        state.logsWindows = nil
        try trimLog()
    }

    /// Forgets the cursors of targets that are not among these.
    package func keepCursors(of targets: [String]) throws {
        for cursor in try forwardCursors() where !targets.contains(cursor.target) {
            try with("DELETE FROM forward_cursor WHERE target = ?") { statement in
                statement.bind(1, cursor.target)
                try statement.run()
            }
        }
        state.logsWindows = nil
        try trimLog()
    }

    /// A cursor for a target that has nothing of a stream yet and wants what is not before `since`.
    package func newCursor(_ target: String, _ stream: String, since: Instant) throws -> ForwardCursor {
        var cursor = ForwardCursor(target: target, stream: stream, since: since)
        if ["windows", "verdicts"].contains(stream) {
            cursor.first = try integer("SELECT seq FROM sqlite_sequence WHERE name = 'recorded'") ?? 0
            cursor.past = (0, since.milliseconds)
        }
        return cursor
    }

    /// Keeps a line that a target refuses, with its answer; the last 1,000 stay.
    package func reject(_ line: String, _ answer: String, target: String, stream: String, at time: Instant) throws {
        let sql = "INSERT INTO forward_rejected (time, target, stream, line, answer) VALUES (?, ?, ?, ?, ?)"
        try with(sql) { statement in
            statement.bind(1, time.milliseconds)
            statement.bind(2, target)
            statement.bind(3, stream)
            statement.bind(4, String(line.prefix(10_000)))
            statement.bind(5, String(answer.prefix(2000)))
            try statement.run()
        }
        try with("DELETE FROM forward_rejected WHERE number <= (SELECT max(number) FROM forward_rejected) - 1000") {
            try $0.run()
        }
    }

    // MARK: The order of recording

    func logWindow(_ indicator: Int64, _ window: Window, revision: Int) throws {
        try log(kind: 0, indicator, window, revision)
    }

    func logVerdict(_ objective: Int64, _ window: Window) throws { try log(kind: 1, objective, window, 0) }

    private func log(kind: Int, _ thing: Int64, _ window: Window, _ revision: Int) throws {
        let isWanted: Bool
        if let known = state.logsWindows {
            isWanted = known
        } else {
            isWanted = try integer("SELECT 1 FROM forward_cursor WHERE stream IN ('windows', 'verdicts')") != nil
            state.logsWindows = isWanted
        }
        guard isWanted else { return }
        let sql = "INSERT INTO recorded (kind, thing, \"end\", start, revision) VALUES (?, ?, ?, ?, ?)"
        try with(sql) { statement in
            statement.bind(1, kind)
            statement.bind(2, thing)
            statement.bind(3, window.end.milliseconds)
            statement.bind(4, window.start.milliseconds)
            statement.bind(5, revision)
            try statement.run()
        }
    }

    private func trimLog() throws {
        let sql = "SELECT min(first) FROM forward_cursor WHERE stream IN ('windows', 'verdicts')"
        let reached = try integer(sql) ?? .max
        try with("DELETE FROM recorded WHERE seq <= ?") { statement in
            statement.bind(1, reached)
            try statement.run()
        }
        guard let last = try integer("SELECT max(seq) FROM recorded"),
            last - reached > Int64(StoreWriter.mostLogged)
        else { return }
        for var cursor in try forwardCursors() where ["windows", "verdicts"].contains(cursor.stream) {
            if last - cursor.first <= Int64(StoreWriter.mostLogged) { continue }
            cursor.first = last
            cursor.past = (0, cursor.since.milliseconds)
            try put(cursor)
        }
    }

    /// Hot rows up to a number are on their way into chunks.
    func beginSealedRows(_ last: Int64) throws {
        let first = try coming()
        if try integer("SELECT hot FROM sealed_rows WHERE last IS NULL") != nil {
            return try with("UPDATE sealed_rows SET hot = ? WHERE last IS NULL") { statement in
                statement.bind(1, last)
                try statement.run()
            }
        }
        try with("INSERT OR REPLACE INTO sealed_rows (hot, first) VALUES (?, ?)") { statement in
            statement.bind(1, last)
            statement.bind(2, first)
            try statement.run()
        }
    }

    /// They are all there; what every target has is forgotten.
    func endSealedRows() throws {
        let last = try coming() - 1
        try with("UPDATE sealed_rows SET last = ? WHERE last IS NULL") { statement in
            statement.bind(1, last)
            try statement.run()
        }
        let reached = try integer("SELECT min(first) FROM forward_cursor WHERE stream = 'readings'") ?? .max
        try with("DELETE FROM sealed_rows WHERE last <= ?") { statement in
            statement.bind(1, reached)
            try statement.run()
        }
    }
}
