import DatabaseFile
import Metering
import Storage

extension StoreReader {
    /// The next windows' values after a cursor, every revision, about so many, and the cursor behind them.
    package final func windows(
        after cursor: ForwardCursor, about most: Int
    ) throws -> (windows: [RecordedWindow], cursor: ForwardCursor) {
        let columns = "name, unit, start, \"end\", value, status, coverage, flags, revision"
        return try recorded(
            after: cursor, about: most, kind: 0,
            things: "SELECT id FROM indicator WHERE hidden = 0 AND id >= ? ORDER BY id",
            past: "SELECT \(columns) FROM value JOIN indicator ON id = indicator WHERE indicator = ?1 AND \"end\" > ?2 "
                + "ORDER BY indicator, \"end\", start, revision",
            one: "SELECT \(columns) FROM value JOIN indicator ON id = indicator WHERE indicator = ?1 AND \"end\" = ?2 "
                + "AND start = ?3 AND revision = ?4 AND hidden = 0"
        ) { statement in
            RecordedWindow(
                indicator: statement.text(0), unit: statement.textOrNil(1), window: StoreReader.window(statement),
                value: statement.doubleOrNil(4), status: statement.int(5), coverage: statement.double(6),
                flags: statement.int(7), revision: statement.int(8))
        }
    }

    /// The next verdicts after a cursor, as they stand now, about so many, and the cursor behind them.
    package final func verdicts(
        after cursor: ForwardCursor, about most: Int
    ) throws -> (verdicts: [RecordedVerdict], cursor: ForwardCursor) {
        let revision = """
            coalesce((SELECT max(revision) FROM value WHERE value.indicator =
                (SELECT id FROM indicator WHERE indicator.name = objective.indicator)
                AND value."end" = verdict."end" AND value.start = verdict.start), 1)
            """
        let columns =
            "name, unit, verdict.start, verdict.\"end\", verdict, verdict.value, verdict.bound, \(revision)"
        return try recorded(
            after: cursor, about: most, kind: 1, things: "SELECT id FROM objective WHERE id >= ? ORDER BY id",
            past: "SELECT \(columns) FROM verdict JOIN objective ON id = objective WHERE objective = ?1 "
                + "AND verdict.\"end\" > ?2 ORDER BY objective, verdict.\"end\", verdict.start",
            one: """
                SELECT name, unit, ?3, ?2, verdict, verdict.value, verdict.bound,
                    CASE WHEN verdict IS NULL THEN ?4 + 1 ELSE \(revision) END
                FROM objective LEFT JOIN verdict ON objective.id = verdict.objective AND verdict."end" = ?2
                    AND verdict.start = ?3 WHERE objective.id = ?1
                """
        ) { statement in
            RecordedVerdict(
                objective: statement.text(0), unit: statement.textOrNil(1), window: StoreReader.window(statement),
                verdict: statement.int64OrNil(4).map(Int.init), value: statement.doubleOrNil(5),
                bound: statement.doubleOrNil(6), revision: statement.int(7))
        }
    }

    /// How many lines of the log a target has not got, and whether windows from before it are on their way.
    package final func windowsWaiting(after cursor: ForwardCursor) throws -> Int {
        let kind: Int64 = cursor.stream == "windows" ? 0 : 1
        return Int(try integer("SELECT count(*) FROM recorded WHERE seq > ? AND kind = ?", cursor.first, kind) ?? 0)
    }

    private static func window(_ statement: StoreStatement) -> Window {
        Window(start: Instant(milliseconds: statement.int64(2)), end: Instant(milliseconds: statement.int64(3)))
    }

    /// What stands from before the log first, thing by thing; then what the log says, line by line.
    private func recorded<T>(
        after cursor: ForwardCursor, about most: Int, kind: Int, things: String, past: String, one: String,
        _ read: (StoreStatement) -> T
    ) throws -> ([T], ForwardCursor) {
        var cursor = cursor
        var found: [T] = []
        if let begin = cursor.past {
            var ids: [Int64] = []
            try with(things) { statement in
                statement.bind(1, begin.thing)
                while try statement.step() { ids.append(statement.int64(0)) }
            }
            for id in ids {
                let start = id == begin.thing ? max(begin.end, cursor.since.milliseconds) : cursor.since.milliseconds
                let isAll = try with(past) { statement in
                    statement.bind(1, id)
                    statement.bind(2, start)
                    while try statement.step() {
                        // All of one end go together: the cursor names only that.
                        let end = statement.int64(3)
                        if found.count >= most, end != cursor.past?.end { return false }
                        found.append(read(statement))
                        cursor.past = (id, end)
                    }
                    return true
                }
                if !isAll { return (found, cursor) }
                if found.count >= most { return (found, cursor) }
            }
            cursor.past = nil
            if !found.isEmpty { return (found, cursor) }
        }
        var lines: [(seq: Int64, thing: Int64, end: Int64, start: Int64, revision: Int64)] = []
        let log =
            "SELECT seq, thing, \"end\", start, revision FROM recorded WHERE seq > ? AND kind = ? ORDER BY seq LIMIT ?"
        try with(log) { statement in
            statement.bind(1, cursor.first)
            statement.bind(2, kind)
            statement.bind(3, most)
            while try statement.step() {
                lines.append(
                    (
                        statement.int64(0), statement.int64(1), statement.int64(2), statement.int64(3),
                        statement.int64(4)
                    ))
            }
        }
        for line in lines {
            try with(one) { statement in
                for (index, argument) in [line.thing, line.end, line.start, line.revision].enumerated() {
                    statement.bind(Int32(index + 1), argument)
                }
                if try statement.step() { found.append(read(statement)) }
            }
            cursor.first = line.seq
        }
        return (found, cursor)
    }
}
