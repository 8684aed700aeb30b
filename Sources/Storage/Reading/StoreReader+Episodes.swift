import Conformity
import Metering

extension StoreReader {
    /// The number of the nonconformity with that identity; nil where there is none.
    package final func nonconformityID(objective: String, onset: Instant) throws -> String? {
        try with("SELECT id FROM nonconformity WHERE objective = ? AND onset = ?") { statement in
            statement.bind(1, objective)
            statement.bind(2, onset.milliseconds)
            return try statement.step() ? statement.text(0) : nil
        }
    }

    /// The same, where it was not put right: a judge that is behind may still see its episode go on.
    package final func standingID(objective: String, onset: Instant) throws -> String? {
        try with("SELECT id FROM nonconformity WHERE objective = ? AND onset = ? AND remark IS NULL") { statement in
            statement.bind(1, objective)
            statement.bind(2, onset.milliseconds)
            return try statement.step() ? statement.text(0) : nil
        }
    }

    /// The numbers of the nonconformities in a state of their life, in the order in which they were recorded.
    package final func nonconformityIDs(in state: String) throws -> [String] {
        try with("SELECT id FROM nonconformity WHERE state = ? ORDER BY number") { statement in
            statement.bind(1, state)
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
    }

    /// The nonconformity of an objective that was raised last before an instant, those put right left out: its number and when
    /// it cleared, if it has; nil where there is none.
    ///
    /// One over long windows begins before, and is raised after, some over the shorter windows of an earlier definition.
    package final func predecessor(objective: String, raisedBefore instant: Instant) throws -> (
        id: String, clearedAt: Instant?
    )? {
        let sql = """
            SELECT id, cleared_at FROM nonconformity
            WHERE objective = ?1 AND raised_at < ?2 AND remark IS NULL ORDER BY raised_at DESC, onset DESC LIMIT 1
            """
        return try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, instant.milliseconds)
            guard try statement.step() else { return nil }
            return (statement.text(0), statement.int64OrNil(1).map(Instant.init(milliseconds:)))
        }
    }

    /// The nonconformities of an objective with an onset in a stretch, in the order of their onsets.
    ///
    /// Those that are `known` already, by number, are not read again: the evidence of one may be that of a year.
    package final func nonconformities(
        objective: String, onsetIn stretch: Window, known: [String: Nonconformity] = [:]
    ) throws -> [Nonconformity] {
        let sql = "SELECT id FROM nonconformity WHERE objective = ?1 AND onset >= ?2 AND onset < ?3 ORDER BY onset"
        let ids = try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, stretch.start.milliseconds)
            statement.bind(3, stretch.end.milliseconds)
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
        return try ids.compactMap { try known[$0] ?? nonconformity($0) }
    }

    /// The first nonconformity of an objective with an onset at or after an instant, those put right left out; nil where
    /// there is none.
    package final func nonconformity(objective: String, after instant: Instant) throws -> Nonconformity? {
        let sql = """
            SELECT id FROM nonconformity WHERE objective = ?1 AND onset >= ?2 AND remark IS NULL ORDER BY onset LIMIT 1
            """
        let id: String? = try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, instant.milliseconds)
            return try statement.step() ? statement.text(0) : nil
        }
        return try id.flatMap { try nonconformity($0) }
    }

    /// The onsets of an objective's nonconformities that share time with one of the stretches, which are in order and apart;
    /// those put right left out.
    ///
    /// All that began before are looked at: one over long windows may last on where those of a later definition, which
    /// began after it, are over.
    package final func onsets(objective: String, overlapping stretches: [Window]) throws -> [Instant] {
        guard let last = stretches.last else { return [] }
        let sql = """
            SELECT onset, cleared_at FROM nonconformity INDEXED BY nonconformity_span
            WHERE objective = ?1 AND onset < ?2 AND remark IS NULL ORDER BY onset
            """
        return try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, last.end.milliseconds)
            var onsets: [Instant] = []
            var left = stretches[...]
            while try statement.step() {
                let onset = Instant(milliseconds: statement.int64(0))
                let end = statement.int64OrNil(1).map(Instant.init(milliseconds:)) ?? .distantFuture
                left = left.drop { $0.end <= onset }
                if let first = left.first, first.start < end { onsets.append(onset) }
            }
            return onsets
        }
    }
}
