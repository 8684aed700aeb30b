import Indicators
import Metering

extension StoreWriter {
    /// Stores a closed window's value: the first one as revision 1, one that says something else as the next revision.
    ///
    /// - Returns: the revision that holds now; where the value says the same as the final one, nothing is written.
    @discardableResult
    package func put(value: IndicatorValue, reason: String? = nil) throws -> Int {
        let id = try identities.indicator(value.indicator)
        if try insert(value, id, revision: 1, reason: nil) {
            try logWindow(id, value.window, revision: 1)
            return 1
        }
        guard let final = try self.value(value.indicator, value.window) else { return 1 }
        if final.saysTheSame(as: value) { return final.revision }
        _ = try insert(value, id, revision: final.revision + 1, reason: reason)
        try logWindow(id, value.window, revision: final.revision + 1)
        return final.revision + 1
    }

    /// Has a window's final value be this version's where one of a definition that ended made it; whether it was.
    ///
    /// `last`: the last version by whose definition it is not made any more.
    package func takeOver(_ indicator: Int, _ window: Window, from last: Int) throws -> Bool {
        let sql = """
            UPDATE value SET version = ?1 WHERE indicator = ?2 AND "end" = ?3 AND start = ?4 AND version <= ?5
                AND revision = (SELECT max(revision) FROM value WHERE indicator = ?2 AND "end" = ?3 AND start = ?4)
            """
        return try with(sql) { statement in
            statement.bind(1, version.map(Int64.init))
            statement.bind(2, try identities.indicator(indicator))
            statement.bind(3, window.end.milliseconds)
            statement.bind(4, window.start.milliseconds)
            statement.bind(5, last)
            try statement.run()
            return statement.changes > 0
        }
    }

    private func insert(_ value: IndicatorValue, _ id: Int64, revision: Int, reason: String?) throws -> Bool {
        let sql = """
            INSERT INTO value (indicator, "end", start, revision, value, status, coverage, base, flags, reason,
                unknown, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, value.window.end.milliseconds)
            statement.bind(3, value.window.start.milliseconds)
            statement.bind(4, revision)
            statement.bind(5, value.value)
            statement.bind(6, Int64(value.status.rawValue))
            statement.bind(7, value.coverage)
            statement.bind(8, value.base)
            statement.bind(9, Int64(value.flags.rawValue))
            statement.bind(10, reason)
            statement.bind(11, value.unknown > 0 ? value.unknown : nil)
            statement.bind(12, version.map(Int64.init))
            try statement.run()
            return statement.changes > 0
        }
    }

    /// Replaces the decisions about a counter whose time lies in the stretch; one that stays what it was stays its version's.
    package func replaceLedger(_ point: PointIndex, in window: Window, with entries: [LedgerEntry]) throws {
        let id = try identities.point(point)
        try unsealLedger(id, in: window, with: entries)
        let versions = try ledgerVersions(id, point, in: window)
        try with("DELETE FROM ledger WHERE point = ? AND time >= ? AND time < ?") { statement in
            statement.bind(1, id)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            try statement.run()
        }
        let sql =
            "INSERT OR REPLACE INTO ledger (point, time, entry, advance, last_suspect, version) "
            + "VALUES (?, ?, ?, ?, ?, ?)"
        try with(sql) { statement in
            for entry in entries {
                statement.bind(1, id)
                statement.bind(2, entry.time.milliseconds)
                statement.bind(3, Int64(entry.verdict.rawValue))
                statement.bind(4, entry.advance)
                statement.bind(5, entry.lastSuspect.milliseconds)
                statement.bind(6, versions[entry] ?? version.map(Int64.init))
                try statement.run()
            }
        }
    }

    /// The versions that made the decisions about a counter in a stretch, where they are known.
    private func ledgerVersions(
        _ id: Int64, _ point: PointIndex, in window: Window
    ) throws -> [LedgerEntry: Int64] {
        let sql =
            "SELECT time, entry, advance, last_suspect, version FROM ledger "
            + "WHERE point = ? AND time >= ? AND time < ? AND version NOT NULL"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.start.milliseconds)
            statement.bind(3, window.end.milliseconds)
            var versions: [LedgerEntry: Int64] = [:]
            while try statement.step() {
                versions[StoreReader.ledgerEntry(point, statement)] = statement.int64(4)
            }
            return versions
        }
    }
}
