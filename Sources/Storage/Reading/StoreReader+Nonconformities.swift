import Conformity
import DatabaseFile
import Foundation
import Metering

extension StoreReader {
    /// All nonconformities in the order in which they were recorded, with their evidence.
    package final func nonconformities() throws -> [Nonconformity] {
        try nonconformities("1 = 1 ORDER BY number", nil)
    }

    /// The nonconformities of an objective, by its name, in the order of their onsets.
    package final func nonconformities(objective: String) throws -> [Nonconformity] {
        try nonconformities("objective = ?1 ORDER BY onset", objective)
    }

    /// The nonconformities whose condition is ongoing or whose lifecycle is not over (`closed`, `rejected`).
    package final func openNonconformities() throws -> [Nonconformity] {
        try nonconformities("condition = 'ongoing' OR state NOT IN ('closed', 'rejected') ORDER BY number", nil)
    }

    /// The nonconformities whose lifecycle is not over, without their windows: that of a year is not read for a date.
    package final func livesAtWork() throws -> [Nonconformity] {
        try nonconformities("state NOT IN ('closed', 'rejected') ORDER BY number", nil, withWindows: false)
    }

    /// All nonconformities in the order in which they were recorded, without their windows.
    package final func nonconformitiesInShort() throws -> [Nonconformity] {
        try nonconformities("1 = 1 ORDER BY number", nil, withWindows: false)
    }

    /// The nonconformity of that number (`NC-2026-0001`); nil where there is none.
    package final func nonconformity(_ id: String) throws -> Nonconformity? {
        try nonconformities("id = ?1", id).first
    }

    private func nonconformities(
        _ condition: String, _ argument: String?, withWindows: Bool = true
    ) throws -> [Nonconformity] {
        let sql = """
            SELECT number, id, objective, severity, state, condition, remark, onset, raised_at, cleared_at, detected_at,
                peak, bound, unit, recurrence_of, definition, configuration, points, frozen, version,
                withdrawn_at, later
            FROM nonconformity WHERE \(condition)
            """
        return try with(sql) { statement in
            if let argument { statement.bind(1, argument) }
            var found: [Nonconformity] = []
            while try statement.step() {
                let frozen = try statement.textOrNil(18).map {
                    try JSONDecoder().decode(FrozenEvidence.self, from: Data($0.utf8))
                }
                let points = try JSONDecoder().decode([EvidencePoint].self, from: Data(statement.text(17).utf8))
                var one = Nonconformity(
                    id: statement.text(1), objective: statement.text(2),
                    severity: Severity(rawValue: statement.text(3)) ?? .major, state: statement.text(4),
                    condition: Nonconformity.Condition(rawValue: statement.text(5)) ?? .ongoing,
                    remark: statement.textOrNil(6), onset: Instant(milliseconds: statement.int64(7)),
                    raisedAt: Instant(milliseconds: statement.int64(8)),
                    clearedAt: statement.int64OrNil(9).map(Instant.init(milliseconds:)),
                    detectedAt: statement.int64OrNil(10).map(Instant.init(milliseconds:)),
                    peak: statement.doubleOrNil(11), limit: statement.doubleOrNil(12),
                    unit: statement.textOrNil(13),
                    recurrenceOf: statement.textOrNil(14), definition: statement.text(15),
                    configurationDigest: statement.text(16),
                    windows: withWindows ? try evidence(statement.int64(0)) : [],
                    points: points, frozen: frozen)
                one.version = statement.int64OrNil(19).map(Int.init)
                one.withdrawnAt = statement.int64OrNil(20).map(Instant.init(milliseconds:))
                if let later = statement.textOrNil(21) {
                    one.laterDemands = try JSONDecoder().decode([LaterDemand].self, from: Data(later.utf8))
                }
                found.append(one)
            }
            return found
        }
    }

    /// The end and start of the last window of a nonconformity's evidence; nil where there is none.
    final func lastEvidence(of id: String) throws -> (end: Int64, start: Int64)? {
        let sql =
            "SELECT \"end\", start FROM evidence WHERE number = (SELECT number FROM nonconformity WHERE id = ?) "
            + "ORDER BY \"end\" DESC, start DESC LIMIT 1"
        return try with(sql) { statement in
            statement.bind(1, id)
            return try statement.step() ? (statement.int64(0), statement.int64(1)) : nil
        }
    }

    final func evidence(_ number: Int64) throws -> [EvidenceWindow] {
        try with(StoreReader.evidence + "WHERE number = ? ORDER BY \"end\", start") { statement in
            statement.bind(1, number)
            var windows: [EvidenceWindow] = []
            while try statement.step() { windows.append(EvidenceWindow(statement)) }
            return windows
        }
    }

    /// One window of a nonconformity's evidence; nil where it is not among it.
    final func evidence(of id: String, start: Int64, end: Int64) throws -> EvidenceWindow? {
        let sql =
            StoreReader.evidence
            + "WHERE number = (SELECT number FROM nonconformity WHERE id = ?) AND \"end\" = ? AND start = ?"
        return try with(sql) { statement in
            statement.bind(1, id)
            statement.bind(2, end)
            statement.bind(3, start)
            return try statement.step() ? EvidenceWindow(statement) : nil
        }
    }

    private static let evidence =
        "SELECT start, \"end\", verdict, value, bound, coverage, status, revision FROM evidence "

    /// What people did with a nonconformity, in order.
    package final func steps(of id: String) throws -> [LifecycleRecord] {
        let sql =
            "SELECT step.seq, step.time, step.who, step.step, step.details FROM step "
            + "JOIN nonconformity USING (number) WHERE id = ? ORDER BY step.seq"
        return try with(sql) { statement in
            statement.bind(1, id)
            var steps: [LifecycleRecord] = []
            while try statement.step() {
                steps.append(
                    LifecycleRecord(
                        nonconformity: id, seq: statement.int(0), time: Instant(milliseconds: statement.int64(1)),
                        who: statement.text(2), step: statement.text(3), details: statement.text(4)))
            }
            return steps
        }
    }
}

extension EvidenceWindow {
    fileprivate init(_ statement: StoreStatement) {
        self.init(
            start: statement.int64(0), end: statement.int64(1), verdict: statement.text(2),
            value: statement.doubleOrNil(3), limit: statement.doubleOrNil(4), coverage: statement.double(5),
            status: statement.text(6), revision: statement.int64OrNil(7).map(Int.init))
    }
}
