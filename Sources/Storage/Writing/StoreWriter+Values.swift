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

    /// Replaces the decisions about a counter whose time lies in the stretch.
    package func replaceLedger(_ point: PointIndex, in window: Window, with entries: [LedgerEntry]) throws {
        let id = try identities.point(point)
        try unsealLedger(id, in: window, with: entries)
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
                statement.bind(6, version.map(Int64.init))
                try statement.run()
            }
        }
    }
}
