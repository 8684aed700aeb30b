import Conformity
import Metering

extension StoreReader {
    /// How many windows of an objective that end within a stretch were not met.
    package final func countNotMet(_ objective: Int, in stretch: Window) throws -> Int {
        let sql =
            "SELECT count(*) FROM verdict WHERE objective = ?1 AND \"end\" > ?2 AND \"end\" <= ?3 AND verdict = ?4"
        return Int(
            try integer(
                sql, try identities.objective(objective), stretch.start.milliseconds, stretch.end.milliseconds,
                Int64(Verdict.notMet.rawValue)) ?? 0)
    }

    /// How many windows of an objective that end within a stretch were judged and evaluable.
    package final func countEvaluable(_ objective: Int, in stretch: Window) throws -> Int {
        let sql =
            "SELECT count(*) FROM verdict WHERE objective = ?1 AND \"end\" > ?2 AND \"end\" <= ?3 AND verdict <> ?4"
        return Int(
            try integer(
                sql, try identities.objective(objective), stretch.start.milliseconds, stretch.end.milliseconds,
                Int64(Verdict.notEvaluable.rawValue)) ?? 0)
    }

    /// The numbers of an objective's nonconformities raised within a stretch, in order; without those that a revision put right or
    /// that were rejected.
    package final func raised(objective: String, in stretch: Window) throws -> [String] {
        let sql = """
            SELECT id FROM nonconformity WHERE objective = ?1 AND raised_at >= ?2 AND raised_at < ?3 AND remark IS NULL
                AND state <> 'rejected' ORDER BY onset
            """
        return try with(sql) { statement in
            statement.bind(1, objective)
            statement.bind(2, stretch.start.milliseconds)
            statement.bind(3, stretch.end.milliseconds)
            var ids: [String] = []
            while try statement.step() { ids.append(statement.text(0)) }
            return ids
        }
    }
}
