import Conformity
import DatabaseFile
import Foundation
import Metering

extension StoreWriter {
    /// Stores a nonconformity, in place of what stands under its number; (objective, onset) belongs to one number only.
    ///
    /// What was frozen at its raising is stored with it for the first time, and stays as it is from then on.
    package func put(_ nonconformity: Nonconformity) throws {
        let sql = """
            INSERT INTO nonconformity (id, objective, severity, state, condition, remark, onset, raised_at, cleared_at,
                detected_at, peak, bound, unit, recurrence_of, definition, configuration, points, frozen, version,
                withdrawn_at, later)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET objective = excluded.objective, severity = excluded.severity,
                state = excluded.state, condition = excluded.condition, remark = excluded.remark,
                onset = excluded.onset, raised_at = excluded.raised_at, cleared_at = excluded.cleared_at, detected_at = excluded.detected_at,
                peak = excluded.peak, bound = excluded.bound, unit = excluded.unit,
                recurrence_of = excluded.recurrence_of, definition = excluded.definition,
                configuration = excluded.configuration, points = excluded.points, version = excluded.version,
                withdrawn_at = excluded.withdrawn_at, later = excluded.later
            RETURNING number
            """
        let before = try evidencePoints(of: nonconformity.id)
        let points = String(decoding: try JSONEncoder().encode(nonconformity.points), as: UTF8.self)
        let later =
            nonconformity.laterDemands.isEmpty
            ? nil : String(decoding: try JSONEncoder().encode(nonconformity.laterDemands), as: UTF8.self)
        let frozen = try nonconformity.frozen.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let number = try with(sql) { statement in
            statement.bind(1, nonconformity.id)
            statement.bind(2, nonconformity.objective)
            statement.bind(3, nonconformity.severity.rawValue)
            statement.bind(4, nonconformity.state)
            statement.bind(5, nonconformity.condition.rawValue)
            statement.bind(6, nonconformity.remark)
            statement.bind(7, nonconformity.onset.milliseconds)
            statement.bind(8, nonconformity.raisedAt.milliseconds)
            statement.bind(9, nonconformity.clearedAt?.milliseconds)
            statement.bind(10, nonconformity.detectedAt?.milliseconds)
            statement.bind(11, nonconformity.peak)
            statement.bind(12, nonconformity.limit)
            statement.bind(13, nonconformity.unit)
            statement.bind(14, nonconformity.recurrenceOf)
            statement.bind(15, nonconformity.definition)
            statement.bind(16, nonconformity.configurationDigest)
            statement.bind(17, points)
            statement.bind(18, frozen)
            statement.bind(19, nonconformity.version.map(Int64.init))
            statement.bind(20, nonconformity.withdrawnAt?.milliseconds)
            statement.bind(21, later)
            guard try statement.step() else {
                throw StoreFault(.io, "\(nonconformity.id) was not stored: check the disk")
            }
            return statement.int64(0)
        }
        let isChanged = try putEvidence(number, nonconformity.windows)
        // What stays keeps the seal that it got when it was recorded: damage is not sealed as if it were sound.
        guard before != nil, var seal = try evidenceSeal(of: nonconformity.id) else {
            return try keep(EvidenceSeal(nonconformity), of: nonconformity.id)
        }
        if isChanged { seal.seal(.windows, of: nonconformity) }
        if before != nonconformity.points { seal.seal(.points, of: nonconformity) }
        try keep(seal, of: nonconformity.id)
    }

    /// Stores the digests of a nonconformity's evidence.
    func keep(_ seal: EvidenceSeal, of id: String) throws { try setNote(StoreReader.sealKey(id), seal.text) }

    /// Writes only the windows that are new or changed: an episode may last for months and grows at its end. Says whether
    /// any is.
    private func putEvidence(_ number: Int64, _ windows: [EvidenceWindow]) throws -> Bool {
        let stored = try evidence(number)
        if stored == windows { return false }
        var unchanged = 0
        while unchanged < min(stored.count, windows.count), stored[unchanged] == windows[unchanged] { unchanged += 1 }
        try with("DELETE FROM evidence WHERE number = ? AND \"end\" = ? AND start = ?") { statement in
            for window in stored[unchanged...] {
                statement.bind(1, number)
                statement.bind(2, window.end)
                statement.bind(3, window.start)
                try statement.run()
            }
        }
        let sql = """
            INSERT INTO evidence (number, "end", start, verdict, value, bound, coverage, status, revision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try with(sql) { statement in
            for window in windows[unchanged...] {
                statement.bind(1, number)
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
        }
        return true
    }

    /// The next number of a nonconformity in a local year, from 1; taken for good with this commit.
    package func nextNumber(year: Int) throws -> Int {
        let sql =
            "INSERT INTO nc_number (year, last) VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last"
        return Int(try integer(sql, Int64(year)) ?? 1)
    }

    /// Adds a step to a nonconformity's lifecycle and returns its number within it.
    @discardableResult
    package func append(_ step: LifecycleRecord) throws -> Int {
        let sql = """
            INSERT INTO step (number, seq, time, who, step, details)
            SELECT number,
                (SELECT coalesce(max(seq), 0) + 1 FROM step WHERE step.number = nonconformity.number), ?2, ?3, ?4, ?5
            FROM nonconformity WHERE id = ?1 RETURNING seq
            """
        return try with(sql) { statement in
            statement.bind(1, step.nonconformity)
            statement.bind(2, step.time.milliseconds)
            statement.bind(3, step.who)
            statement.bind(4, step.step)
            statement.bind(5, step.details)
            guard try statement.step() else {
                throw StoreFault(
                    .refused, "\(step.nonconformity) is no nonconformity of this database: list them with 'nc list'")
            }
            return statement.int(0)
        }
    }
}
