import DatabaseFile
import Foundation
import GRDB
import Metering
import Storage

/// How a record stood at an instant, for whoever goes on from there.
package struct RecordSeed: Sendable {
    /// The version of the configuration in force then; nil: before the first.
    package var version: Int?
    /// The instant; nil: the record's beginning.
    package var clock: Instant?
    /// By the database's number of an indicator: its windows that start before this stand as they are on record, besides
    /// those that end by ``clock``.
    package var standing: [Int64: Instant] = [:]
    /// Indicators that are new with a later configuration: what stands of them is its.
    package var newcomers: Set<Int64> = []
    /// By the database's number of an objective in force then, that of the indicator that it judges.
    package var judged: [Int64: Int64] = [:]
    /// By the database's number of a point: its decisions before this stand as they are on record.
    package var decided: [Int64: Instant] = [:]

    /// The beginning of a record.
    package init() {}
}

extension PlantStore {
    /// A store in a directory of its own that sees the readings of another, and nothing else of it than what `seed` says:
    /// what is made of the readings once more is written here.
    ///
    /// To be used by who closes it and deletes the directory; the other store is only read.
    ///
    /// ```
    /// let scratch = try PlantStore.scratch(in: directory, over: store, from: RecordSeed())
    /// let recorder = Recorder(store: scratch, plant: plant, isLive: false)
    /// // … makes all of it once more
    /// try scratch.compare(.verdict) { print($0.key, $0.stored, $0.made) }
    /// ```
    package static func scratch(
        in directory: String, over record: PlantStore, from seed: RecordSeed
    ) throws(StoreFault) -> PlantStore {
        let connection = try StoreConnection.scratch(in: directory, over: record.path)
        do {
            try connection.write { database in
                try plantNames(database, before: seed.version)
                try database.execute(
                    sql: """
                        INSERT INTO main.meta SELECT key, value FROM record.meta
                            WHERE key IN ('record_start', 'note.exchanges')
                        """)
                if let version = seed.version, let clock = seed.clock {
                    try plant(seed, version, clock, in: database)
                }
            }
        } catch {
            throw StoreFault(error, path: record.path)
        }
        return try PlantStore(connection, directory: directory)
    }

    /// Puts the names in with the record's numbers, as they were known before later versions renamed things.
    private static func plantNames(_ database: Database, before version: Int?) throws {
        let renamings = try Row.fetchAll(
            database,
            sql: "SELECT kind, old, new FROM record.renaming WHERE version > ? ORDER BY version DESC, kind, old",
            arguments: [version ?? 0])
        for (table, columns) in [
            ("point", "kind, unit, derived"), ("indicator", "title, unit, hidden"),
            ("objective", "title, unit, indicator"),
        ] {
            var names: [Int64: String] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM record.\(table)") {
                names[row[0]] = row[1]
            }
            for renaming in renamings where renaming[0] == table {
                let (old, new): (String, String) = (renaming[1], renaming[2])
                guard let number = names.first(where: { $0.value == new })?.key else { continue }
                // What has the name since is a thing of later, and gets it when this one is renamed.
                if let later = names.first(where: { $0.value == old })?.key { names[later] = "\(old) \(later)" }
                names[number] = old
            }
            for (number, name) in names.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    sql: """
                        INSERT INTO main.\(table) (id, name, position, \(columns))
                            SELECT id, ?, NULL, \(columns) FROM record.\(table) WHERE id = ?
                        """, arguments: [name, number])
            }
        }
    }

    private static func plant(_ seed: RecordSeed, _ version: Int, _ clock: Instant, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO main.meta VALUES ('clock', :clock);
                INSERT INTO main.configuration SELECT * FROM record.configuration WHERE version <= :version;
                INSERT INTO main.configuration_file SELECT * FROM record.configuration_file WHERE version <= :version;
                INSERT INTO main.kept_file SELECT * FROM record.kept_file;
                INSERT INTO main.nc_number SELECT * FROM record.nc_number;
                INSERT INTO main.renaming SELECT * FROM record.renaming WHERE version <= :version;
                INSERT INTO main.definition_end SELECT * FROM record.definition_end WHERE version < :version;
                """, arguments: ["clock": clock.milliseconds, "version": version])
        for number in try Int64.fetchAll(database, sql: "SELECT id FROM record.indicator") {
            // A window that is open then is made once more, unless its readings are gone.
            let standing = (seed.standing[number] ?? .distantPast).milliseconds
            // After its last window begin those of the definition that took its place, some of which may have ended by then.
            let last = try Int64.fetchOne(
                database,
                sql: """
                    SELECT "end" FROM record.definition_end WHERE kind = 'indicator' AND thing = ? AND version >= ?
                        ORDER BY version LIMIT 1
                    """, arguments: [number, version])
            try database.execute(
                sql: """
                    INSERT INTO main.value SELECT * FROM record.value AS v
                        WHERE indicator = ?1 AND ("end" <= ?2 OR start < ?3) AND ("end" <= ?4 OR coalesce((
                            SELECT min(version) FROM record.value AS w WHERE w.indicator = v.indicator
                                AND w."end" = v."end" AND w.start = v.start), 0) <= ?5)
                            AND revision = (
                                SELECT max(revision) FROM record.value AS w WHERE w.indicator = v.indicator
                                    AND w."end" = v."end" AND w.start = v.start)
                    """,
                arguments: [
                    number, clock.milliseconds, standing,
                    seed.newcomers.contains(number) ? Int64.max : last ?? Int64.max, version,
                ])
        }
        for number in try Int64.fetchAll(database, sql: "SELECT id FROM record.point") {
            try database.execute(
                sql: "INSERT INTO main.ledger SELECT * FROM record.ledger WHERE point = ? AND time < ?",
                arguments: [number, (seed.decided[number] ?? clock + 1).milliseconds])
        }
        // An objective has judged what is closed of its indicator.
        for row in try Row.fetchAll(database, sql: "SELECT id, name FROM main.objective") {
            let closed = try Int64.fetchOne(
                database, sql: "SELECT max(\"end\") FROM main.value WHERE indicator = ?",
                arguments: [seed.judged[row[0]]])
            let end = max(closed ?? clock.milliseconds, clock.milliseconds)
            try plant(objective: row[0], row[1], until: end, in: database)
        }
    }

    private static func plant(
        objective number: Int64, _ name: String, until end: Int64, in database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO main.verdict SELECT * FROM record.verdict WHERE objective = :number AND "end" <= :end
                """, arguments: ["number": number, "end": end])
        // As it was then: what ended later was still ongoing, and what a revision put right never was.
        try database.execute(
            sql: """
                INSERT INTO main.nonconformity
                    SELECT number, id, :name, severity, 'open',
                        CASE WHEN coalesce(cleared_at, withdrawn_at, 0) > :end THEN 'ongoing' ELSE condition END, remark,
                        onset, raised_at, CASE WHEN cleared_at > :end THEN NULL ELSE cleared_at END, detected_at, peak,
                        bound, unit, recurrence_of, definition, configuration, points, frozen, version,
                        CASE WHEN withdrawn_at > :end THEN NULL ELSE withdrawn_at END,
                        (SELECT nullif(json_group_array(json(value)), '[]') FROM json_each(later)
                            WHERE json_extract(value, '$.since') < :end)
                    FROM record.nonconformity
                    WHERE objective = (SELECT name FROM record.objective WHERE id = :number) AND raised_at <= :end
                        AND remark IS NOT 'revised';
                """, arguments: ["name": name, "end": end, "number": number])
        try database.execute(
            sql: """
                INSERT INTO main.evidence SELECT * FROM record.evidence AS e
                    WHERE "end" <= :end AND EXISTS (SELECT 1 FROM main.nonconformity AS n
                        WHERE n.number = e.number AND n.objective = :name)
                """, arguments: ["name": name, "end": end])
    }
}
