import Conformity
import DatabaseFile
import Foundation
import GRDB
import ReadingCodec

extension DatabaseSalvage {
    /// Stores a row of any table but that of chunks; false where it is none of this table, or no sound database has it.
    package func store(
        _ rowid: Int64, _ fields: [StoredField], of table: SalvageTable, into database: Database
    ) throws -> Bool {
        guard table.fits(fields, isIndex: table.isIndex) else { return false }
        var fields = fields
        switch table.name {
        case "nonconformity" where !DatabaseSalvage.isDocument(fields[17], [EvidencePoint].self):
            // What was read during it is lost; that it was is not.
            fields[17] = .text("[]")
            report.brokenRows += 1
        case "step" where !DatabaseSalvage.isDocument(fields[5], [String: JSONValue].self): return false
        case "meta" where !DatabaseSalvage.isKept(fields[0].text ?? ""): return true
        case "hot" where !isSound(hotRow: fields): return false
        default: break
        }
        return try insert(rowid, fields, of: table, into: database)
    }

    /// Inserts a row; false where the checks of the new database refuse it.
    package func insert(
        _ rowid: Int64, _ fields: [StoredField], of table: SalvageTable, into database: Database
    ) throws -> Bool {
        let statement = try StoreStatement(database, table.insertion(of: fields.count))
        defer { statement.reset() }
        for (index, field) in fields.enumerated() {
            let place = Int32(index + 1)
            switch index == table.numberColumn ? .integer(rowid) : field {
            case .null: statement.bind(place, Int64?.none)
            case .integer(let value): statement.bind(place, value)
            case .real(let value): statement.bind(place, value)
            case .text(let value): statement.bind(place, value)
            case .blob(let value): statement.bind(place, value)
            }
        }
        do {
            try statement.run()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        guard statement.changes > 0 else { return false }
        if table.name != "chunk", table.name != "hot" { report.rows[table.name, default: 0] += 1 }
        if table.name == "hot" { report.readings += Int(fields[3].integer ?? 0) }
        return true
    }

    /// Whether a row of fresh readings can be taken apart, and holds as many as it says.
    private func isSound(hotRow fields: [StoredField]) -> Bool {
        guard fields.count == 6, case .blob(let data) = fields[5], let first = fields[1].integer,
            let last = fields[2].integer, let count = fields[3].integer
        else { return false }
        var found: Int64 = 0
        var fits = true
        do {
            try data.withUnsafeBytes { bytes in
                try HotRow.decode(bytes, first: first) { point, time, _, code in
                    found += 1
                    if point < 1 || point > 1 << 24 || time < first || time > last || code & 0xFF > 2 { fits = false }
                }
            }
        } catch {
            return false
        }
        return fits && found == count
    }

    private static func isDocument<T: Decodable>(_ field: StoredField, _ type: T.Type) -> Bool {
        (try? JSONDecoder().decode(type, from: Data((field.text ?? "").utf8))) != nil
    }

    /// Any value of a document; only its form is looked at.
    private struct JSONValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// Whether something noted under a key belongs into the new database.
    private static func isKept(_ key: String) -> Bool {
        // With its identity the new database takes over what stands in the old one's tail beyond the block noted there.
        ["identity", "tail", "clock", "record_start", floor].contains(key) || key.hasPrefix("note.")
    }

    /// Gives a name to what has lost it, so that what refers to it can stay; what belongs to no nonconformity goes.
    func nameTheNameless(in database: Database) throws {
        for (table, columns) in [
            ("point", "name, kind, derived) SELECT ?, 'lost.point-' || ?, 'gauge', 0"),
            ("indicator", "name, hidden) SELECT ?, 'lost-indicator-' || ?, 0"),
            ("objective", "name, indicator) SELECT ?, 'lost-objective-' || ?, ''"),
        ] {
            let users = ["point": ["ledger"], "indicator": ["value"], "objective": ["verdict"]][table] ?? []
            var missing = Set<Int64>()
            for user in users {
                missing.formUnion(
                    try Int64.fetchAll(
                        database,
                        sql: "SELECT DISTINCT \(table) FROM \(user) WHERE \(table) NOT IN (SELECT id FROM \(table))"))
            }
            if table == "point" { missing.formUnion(try namelessPoints(in: database)) }
            for number in missing.sorted() {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO \(table) (id, \(columns)", arguments: [number, number])
                report.nameless += 1
            }
        }
        for table in ["evidence", "step"] {
            try database.execute(
                sql: "DELETE FROM \(table) WHERE number NOT IN (SELECT number FROM nonconformity)")
            report.brokenRows += database.changesCount
            report.rows[table, default: 0] -= database.changesCount
        }
    }

    private func namelessPoints(in database: Database) throws -> Set<Int64> {
        let named = Set(try Int64.fetchAll(database, sql: "SELECT id FROM point"))
        var used = Set(expected.values.map(\.point))
        let fresh = try StoreStatement(database, "SELECT first, data FROM hot")
        defer { fresh.reset() }
        while try fresh.step() {
            try HotRow.decode(fresh.bytes(1), first: fresh.int64(0)) { point, _, _, _ in used.insert(point) }
        }
        return used.filter { $0 > 0 && $0 <= 1 << 24 }.subtracting(named)
    }

    /// Numbers that were given once are not given again, and alerts that come are not taken for delivered ones.
    func keepNumbers(in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO nc_number (year, last)
                SELECT CAST(substr(id, 4, 4) AS INTEGER) AS year, max(CAST(substr(id, 9) AS INTEGER)) FROM (
                    SELECT id FROM nonconformity
                    UNION ALL SELECT json_extract(line, '$.id') FROM journal WHERE json_valid(line)
                        AND json_extract(line, '$.type') = 'nc.opened'
                ) WHERE id GLOB 'NC-[0-9][0-9][0-9][0-9]-[0-9]*' GROUP BY year
                ON CONFLICT DO UPDATE SET last = max(last, excluded.last);
                UPDATE delivery SET delivered = min(delivered, (SELECT coalesce(max(seq), 0) FROM alert));
                """)
    }

    /// Counts what is missing between the rows that are there.
    package func count(in database: Database) throws {
        var last = 0
        let lines = try Row.fetchCursor(database, sql: "SELECT seq, line, hash FROM journal ORDER BY seq")
        while let row = try lines.next() {
            let (sequence, hash): (Int, String) = (row[0], row[2])
            if sequence > last + 1 {
                report.journalGaps.append(last + 1...sequence - 1)
            } else if JournalChain.hash(of: row[1], after: report.journalHash) != hash {
                report.alteredJournalLines.append(sequence)
            }
            last = sequence
            (report.journalSequence, report.journalHash) = (sequence, hash)
        }
        let given = try Int.fetchOne(database, sql: "SELECT coalesce(sum(last), 0) FROM nc_number") ?? 0
        let kept = try Int.fetchOne(database, sql: "SELECT count(*) FROM nonconformity") ?? 0
        report.lostNonconformities = max(0, given - kept)
    }
}
