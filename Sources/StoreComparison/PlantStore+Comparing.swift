import DatabaseFile
import GRDB
import Storage

/// A scratch store beside the record whose readings it sees: what differs between the two.
extension PlantStore {
    /// Hands out the rows of a table that are not the same; of values the final revisions.
    package func compare(_ table: ComparedTable, _ body: (RowDifference) throws -> Void) throws {
        try reading { database in
            let (keys, columns) = (table.keys.count, table.columns.count + (table.hasVersion ? 1 : 0))
            for sql in [table.changedRows, table.newRows] {
                let rows = try Row.fetchCursor(database, sql: sql)
                while let row = try rows.next() {
                    let cells = (0..<row.count).map { StoredCell(row[$0] as DatabaseValue) }
                    let stored = Array(cells[keys..<keys + columns])
                    let made = Array(cells[(keys + columns)..<(keys + 2 * columns)])
                    let presence = cells[keys + 2 * columns].integer ?? 0
                    try body(
                        RowDifference(
                            table: table, key: Array(cells[..<keys]), stored: presence & 1 != 0 ? stored : nil,
                            made: presence & 2 != 0 ? made : nil))
                }
            }
        }
    }

    /// The verdicts of which the judge's memory is another, by objective and the end and start of the window.
    package func differingMemories() throws -> [[StoredCell]] {
        try reading { database in
            var found: [[StoredCell]] = []
            for (one, other) in [("record", "main"), ("main", "record")] {
                let sql = """
                    SELECT o.objective, o."end", o.start FROM \(one).verdict AS o
                    WHERE o.memory IS NOT NULL
                        AND EXISTS (SELECT 1 FROM \(other).verdict AS p WHERE p.objective = o.objective
                            AND p."end" = o."end" AND p.start = o.start)
                        AND o.memory IS NOT (SELECT p.memory FROM \(other).verdict AS p WHERE p.objective = o.objective
                            AND (p."end", p.start) <= (o."end", o.start) AND p.memory IS NOT NULL
                            ORDER BY p."end" DESC, p.start DESC LIMIT 1)
                    ORDER BY o.objective, o."end", o.start
                    """
                for row in try Row.fetchAll(database, sql: sql) {
                    found.append((0..<3).map { StoredCell(row[$0] as DatabaseValue) })
                }
            }
            return found
        }
    }

    /// Reads both; what SQLite refuses is a ``StoreFault`` of the record: the scratch store has just been made.
    private func reading<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try connection.read(body)
        } catch let error as DatabaseError {
            let record = try? connection.read {
                try String.fetchOne($0, sql: "SELECT file FROM pragma_database_list WHERE name = 'record'")
            }
            throw StoreFault(error, path: record ?? path)
        }
    }
}

extension ComparedTable {
    /// Whether the row says by which version of the configuration it was made.
    package var hasVersion: Bool { self == .value || self == .ledger || self == .verdict }

    private var shown: [String] { columns + (hasVersion ? ["version"] : []) }

    private func list(_ names: [String], of alias: String) -> String {
        names.map { alias.isEmpty ? "NULL" : "\(alias).\"\($0)\"" }.joined(separator: ", ")
    }

    /// Only the final revision of a value counts; whether it is marked as revised follows from its number.
    private func final(_ schema: String, _ alias: String) -> String {
        guard self == .value else { return "" }
        return """
             AND \(alias).revision = (SELECT max(m.revision) FROM \(schema).value AS m WHERE m.indicator = \(alias).indicator
                AND m."end" = \(alias)."end" AND m.start = \(alias).start)
            """
    }

    /// A revision, a window that the record gained by a late reading, and whatever is decided or judged again, is of a later
    /// version than what was made first, never of an earlier.
    private var version: [String] {
        guard hasVersion else { return [] }
        return [
            "r.version < s.version OR r.version > (SELECT max(c.version) FROM record.configuration AS c)"
                + " OR (r.version IS NULL) <> (s.version IS NULL)"
        ]
    }

    private var difference: String {
        (columns.map { column in
            column == "flags" ? "(r.flags & ~4) IS NOT (s.flags & ~4)" : "r.\"\(column)\" IS NOT s.\"\(column)\""
        } + version).joined(separator: " OR ")
    }

    private var order: String { keys.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// Rows on record that are others, or that nothing makes. A window of counted days that is none any more is not made.
    fileprivate var changedRows: String {
        let same = keys.map { "s.\"\($0)\" = r.\"\($0)\"" }.joined(separator: " AND ")
        let missing = self == .value ? "(s.indicator IS NULL AND r.flags & 64 = 0)" : "s.\"\(keys[0])\" IS NULL"
        let present = "s.\"\(keys[0])\" IS NOT NULL"
        return """
            SELECT \(list(keys, of: "r")), \(list(shown, of: "r")), \(list(shown, of: "s")), 1 + 2 * (\(present))
            FROM record.\(rawValue) AS r LEFT JOIN main.\(rawValue) AS s ON \(same)\(final("main", "s"))
            WHERE (\(missing) OR \(present) AND (\(difference)))\(final("record", "r"))
            ORDER BY \(keys.map { "r.\"\($0)\"" }.joined(separator: ", "))
            """
    }

    /// Rows that were made and are not on record.
    fileprivate var newRows: String {
        let same = keys.map { "r.\"\($0)\" = s.\"\($0)\"" }.joined(separator: " AND ")
        let counts = self == .value ? " AND s.flags & 64 = 0" : ""
        return """
            SELECT \(list(keys, of: "s")), \(list(shown, of: "")), \(list(shown, of: "s")), 2
            FROM main.\(rawValue) AS s
            WHERE NOT EXISTS (SELECT 1 FROM record.\(rawValue) AS r WHERE \(same))\(counts)\(final("main", "s"))
            ORDER BY \(order)
            """
    }
}
