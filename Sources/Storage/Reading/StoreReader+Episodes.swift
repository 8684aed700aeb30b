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

    /// The numbers of the nonconformities in a state of their life, in the order in which they were recorded.
    package final func nonconformityIDs(in state: String) throws -> [String] {
        try with("SELECT id FROM nonconformity WHERE state = ? ORDER BY number") { statement in
            statement.bind(1, state)
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
    }

    /// The nonconformity of an objective before an onset, those put right left out: its number and when it cleared,
    /// if it has; nil where there is none.
    package final func predecessor(objective: String, before onset: Instant) throws -> (
        id: String, clearedAt: Instant?
    )? {
        let sql = """
            SELECT id, cleared_at FROM nonconformity WHERE objective = ? AND onset < ? AND remark IS NULL
            ORDER BY onset DESC LIMIT 1
            """
        return try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, onset.milliseconds)
            guard try statement.step() else { return nil }
            return (statement.text(0), statement.int64OrNil(1).map(Instant.init(milliseconds:)))
        }
    }

    /// The nonconformities of an objective that began at or after an instant, or lasted beyond it, in the order of
    /// their onsets.
    package final func nonconformities(objective: String, lastingBeyond instant: Instant) throws -> [Nonconformity] {
        let ids = try with(
            "SELECT id FROM nonconformity WHERE objective = ?1 AND (onset >= ?2 OR cleared_at IS NULL OR cleared_at > ?2) ORDER BY onset"
        ) { statement in
            statement.bind(1, objective)
            statement.bind(2, instant.milliseconds)
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
        return try ids.compactMap { try nonconformity($0) }
    }
}
