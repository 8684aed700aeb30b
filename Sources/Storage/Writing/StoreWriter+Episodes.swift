import Conformity
import Metering

extension StoreWriter {
    /// Appends a window to an ongoing nonconformity's evidence and notes its peak so far, without touching what stands
    /// there.
    ///
    /// An episode may last for months, so this costs the same for its first window and its last.
    package func extend(_ id: String, with window: EvidenceWindow, peak: Double?, limit: Double?) throws {
        let last = try lastEvidence(of: id)
        let isKnown = try evidence(of: id, start: window.start, end: window.end) == window
        let sql = """
            INSERT INTO evidence (number, "end", start, verdict, value, bound, coverage, status, revision)
            SELECT number, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM nonconformity WHERE id = ?1
            ON CONFLICT DO UPDATE SET verdict = excluded.verdict, value = excluded.value, bound = excluded.bound,
                coverage = excluded.coverage, status = excluded.status, revision = excluded.revision
            """
        try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, window.end)
            statement.bind(3, window.start)
            statement.bind(4, window.verdict)
            statement.bind(5, window.value)
            statement.bind(6, window.limit)
            statement.bind(7, window.coverage)
            statement.bind(8, window.status)
            statement.bind(9, window.revision.map(Int64.init))
            try statement.run()
        }
        try with("UPDATE nonconformity SET peak = ?2, bound = ?3 WHERE id = ?1 AND (peak IS NOT ?2 OR bound IS NOT ?3)")
        {
            $0.bind(1, id)
            $0.bind(2, peak)
            $0.bind(3, limit)
            try $0.run()
        }
        // What stands there already is sealed: all of it would have to be read to seal it again.
        guard !isKnown, var seal = try evidenceSeal(of: id) else { return }
        if last ?? (.min, .min) < (window.end, window.start) {
            seal.append(window)
        } else if let found = try nonconformity(id) {
            // It took another's place.
            seal.seal(.windows, of: found)
        }
        try keep(seal, of: id)
    }
}
