import GRDB

/// The tables, as numbered migrations: one that was released is never changed again.
///
/// Times are milliseconds since 1970, UTC. Values of enums are the raw values of the types in Metering, Indicators and
/// Conformity.
enum StoreSchema {
    /// The steps from an empty file to the present schema.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: names + readings + values + conformity + notes) }
        // No other table refers to these two.
        migrator.registerMigration("2", foreignKeyChecks: .immediate) { try $0.execute(sql: fallback + unknown) }
        migrator.registerMigration("3", foreignKeyChecks: .immediate) { try $0.execute(sql: revisionsOfEvidence) }
        migrator.registerMigration("4") { try $0.execute(sql: definitions) }
        migrator.registerMigration("5") { try $0.execute(sql: heads) }
        migrator.registerMigration("6") { try $0.execute(sql: keptStretches + forwarding) }
        migrator.registerMigration("7") { try $0.execute(sql: episodeSpans) }
        return migrator
    }

    /// Shows a database of an older schema, which is only read, with the columns and tables that it lacks: what it does
    /// not have is not known.
    static func lendColumns(_ database: Database) throws {
        let added = [
            ("value", ["unknown": "0", "version": "NULL"]), ("ledger", ["version": "NULL"]),
            ("verdict", ["version": "NULL", "reason": "NULL"]), ("evidence", ["revision": "NULL"]),
            (
                "nonconformity",
                ["frozen": "NULL", "version": "NULL", "withdrawn_at": "NULL", "later": "NULL"]
            ),
        ]
        for (table, columns) in added where try database.tableExists(table) {
            let present = Set(try database.columns(in: table).map(\.name))
            let lent = columns.filter { !present.contains($0.key) }.sorted { $0.key < $1.key }
            if lent.isEmpty { continue }
            let list = lent.map { ", \($0.value) AS \($0.key)" }.joined()
            try database.execute(sql: "CREATE TEMP VIEW \(table) AS SELECT *\(list) FROM main.\(table)")
        }
        guard try database.tableExists("value") else { return }
        try lendForwarding(database)
        let none = "WHERE 0"
        if try !database.tableExists("head") {
            try database.execute(
                sql: """
                    CREATE TEMP VIEW head AS SELECT 0 AS number, 0 AS time, 0 AS size, '' AS note \(none);
                    CREATE TEMP VIEW witness AS
                        SELECT 0 AS number, 0 AS time, 0 AS head, '' AS kind, x'' AS data \(none);
                    CREATE TEMP VIEW tile AS SELECT 0 AS number, x'' AS root \(none);
                    CREATE TEMP VIEW seal_due AS SELECT 0 AS hour, 0 AS stamp \(none);
                    """)
        }
        if try !database.tableExists("kept_stretch") {
            try database.execute(
                sql: "CREATE TEMP VIEW kept_stretch AS SELECT 0 AS number, 0 AS point, 0 AS first, 0 AS last \(none)")
        }
        guard try !database.tableExists("configuration") else { return }
        try database.execute(
            sql: """
                CREATE TEMP VIEW configuration AS SELECT 0 AS version, '' AS digest, '' AS zone, '' AS zone_digest,
                    '' AS path, 0 AS since, '' AS who, '' AS reason \(none);
                CREATE TEMP VIEW configuration_file AS
                    SELECT 0 AS version, 0 AS position, '' AS name, '' AS file \(none);
                CREATE TEMP VIEW kept_file AS SELECT '' AS digest, 0 AS size, x'' AS data \(none);
                CREATE TEMP VIEW renaming AS SELECT 0 AS version, '' AS kind, '' AS old, '' AS new \(none);
                CREATE TEMP VIEW definition_end AS
                    SELECT '' AS kind, 0 AS thing, 0 AS version, 0 AS "end" \(none);
                """)
    }

    // Readings that stay beyond their retention, for a nonconformity; the last is null while that lasts.
    private static let keptStretches = """
        CREATE TABLE kept_stretch (
            point INTEGER NOT NULL REFERENCES point (id),
            first INTEGER NOT NULL,
            number INTEGER NOT NULL,
            last INTEGER CHECK (last > first),
            PRIMARY KEY (point, first, number)
        ) STRICT, WITHOUT ROWID;

        """

    // From when to when each nonconformity lasted, found without its row, which is long; in the order of raising, in which
    // one repeats another.
    private static let episodeSpans = """
        CREATE INDEX nonconformity_span ON nonconformity (objective, raised_at, onset, cleared_at, remark);

        """

    // Heads of the journal as they were signed, what others said of them, the roots of complete tiles of the tree, which
    // follow from the lines and only spare their reading, and the hours whose readings are to be sealed (again).
    private static let heads = """
        CREATE TABLE head (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            time INTEGER NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            note TEXT NOT NULL
        ) STRICT;
        CREATE TABLE witness (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            time INTEGER NOT NULL,
            head INTEGER NOT NULL REFERENCES head (number),
            kind TEXT NOT NULL CHECK (kind IN ('cosignature', 'timestamp')),
            data BLOB NOT NULL
        ) STRICT;
        CREATE TABLE tile (
            number INTEGER PRIMARY KEY CHECK (number >= 0),
            root BLOB NOT NULL CHECK (length(root) = 32)
        ) STRICT;
        CREATE TABLE seal_due (
            hour INTEGER PRIMARY KEY,
            stamp INTEGER NOT NULL
        ) STRICT;

        """

    // What was there before is of an unknown version: null. Files stand compressed, each once.
    private static let definitions = """
        CREATE TABLE configuration (
            version INTEGER PRIMARY KEY CHECK (version > 0),
            digest TEXT NOT NULL CHECK (length(digest) = 64),
            zone TEXT NOT NULL,
            zone_digest TEXT NOT NULL CHECK (length(zone_digest) = 64),
            path TEXT NOT NULL,
            since INTEGER NOT NULL,
            who TEXT NOT NULL,
            reason TEXT
        ) STRICT;
        CREATE TABLE configuration_file (
            version INTEGER NOT NULL,
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL,
            file TEXT NOT NULL,
            PRIMARY KEY (version, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE kept_file (
            digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
            size INTEGER NOT NULL CHECK (size >= 0),
            data BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE renaming (
            version INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('meter', 'point', 'indicator', 'objective')),
            old TEXT NOT NULL,
            new TEXT NOT NULL,
            PRIMARY KEY (version, kind, old)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE definition_end (
            kind TEXT NOT NULL CHECK (kind IN ('counter', 'scale', 'indicator', 'objective', 'withdrawn')),
            thing INTEGER NOT NULL,
            version INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            PRIMARY KEY (kind, thing, version)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE value ADD COLUMN version INTEGER;
        ALTER TABLE ledger ADD COLUMN version INTEGER;
        ALTER TABLE verdict ADD COLUMN version INTEGER;
        ALTER TABLE verdict ADD COLUMN reason TEXT;
        CREATE TABLE nonconformity_2 (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id GLOB 'NC-[0-9]*-[0-9]*'),
            objective TEXT NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('minor', 'major', 'critical')),
            state TEXT NOT NULL,
            condition TEXT NOT NULL CHECK (condition IN ('ongoing', 'cleared', 'withdrawn')),
            remark TEXT,
            onset INTEGER NOT NULL,
            raised_at INTEGER NOT NULL CHECK (raised_at > onset),
            cleared_at INTEGER,
            detected_at INTEGER,
            peak REAL,
            bound REAL,
            unit TEXT,
            recurrence_of TEXT,
            definition TEXT NOT NULL,
            configuration TEXT NOT NULL,
            points TEXT NOT NULL,
            frozen TEXT,
            version INTEGER,
            withdrawn_at INTEGER CHECK ((withdrawn_at IS NULL) = (condition <> 'withdrawn')),
            later TEXT,
            UNIQUE (objective, onset)
        ) STRICT;
        INSERT INTO nonconformity_2 SELECT *, NULL, NULL, NULL FROM nonconformity;
        DROP TABLE nonconformity;
        ALTER TABLE nonconformity_2 RENAME TO nonconformity;

        """

    private static let names = """
        CREATE TABLE point (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            position INTEGER CHECK (position >= 0),
            kind TEXT NOT NULL CHECK (kind IN ('gauge', 'counter', 'state')),
            unit TEXT,
            derived INTEGER NOT NULL CHECK (derived IN (0, 1))
        ) STRICT;
        CREATE TABLE indicator (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            position INTEGER CHECK (position >= 0),
            title TEXT,
            unit TEXT,
            hidden INTEGER NOT NULL CHECK (hidden IN (0, 1))
        ) STRICT;
        CREATE TABLE objective (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            position INTEGER CHECK (position >= 0),
            title TEXT,
            unit TEXT,
            indicator TEXT NOT NULL
        ) STRICT;

        """

    // Every hot row is later than every chunk, or says the same (points that are sealed before the others), and a chunk later than those with smaller ids: that is the order of
    // arrival.
    private static let readings = """
        CREATE TABLE hot (
            seq INTEGER PRIMARY KEY,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL CHECK (last >= first),
            count INTEGER NOT NULL CHECK (count > 0),
            clock INTEGER,
            data BLOB NOT NULL
        ) STRICT;
        CREATE TABLE chunk (
            id INTEGER PRIMARY KEY,
            point INTEGER NOT NULL REFERENCES point (id),
            first INTEGER NOT NULL,
            last INTEGER NOT NULL CHECK (last >= first),
            count INTEGER NOT NULL CHECK (count > 0),
            usable INTEGER NOT NULL CHECK (usable BETWEEN 0 AND count),
            minimum REAL CHECK ((minimum IS NULL) = (usable = 0)),
            maximum REAL CHECK ((maximum IS NULL) = (usable = 0)),
            total REAL,
            version INTEGER NOT NULL CHECK (version > 0),
            checksum INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX chunk_by_time ON chunk (point, last, first, count);

        """

    private static let values = """
        CREATE TABLE value (
            indicator INTEGER NOT NULL REFERENCES indicator (id),
            "end" INTEGER NOT NULL,
            start INTEGER NOT NULL CHECK (start < "end"),
            revision INTEGER NOT NULL CHECK (revision > 0),
            value REAL,
            status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
            coverage REAL NOT NULL,
            base INTEGER NOT NULL CHECK (base >= 0),
            flags INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 255),
            reason TEXT,
            PRIMARY KEY (indicator, "end", start, revision)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ledger (
            point INTEGER NOT NULL REFERENCES point (id),
            time INTEGER NOT NULL,
            entry INTEGER NOT NULL CHECK (entry BETWEEN 0 AND 6),
            advance REAL,
            last_suspect INTEGER NOT NULL CHECK (last_suspect >= time),
            PRIMARY KEY (point, time, entry)
        ) STRICT, WITHOUT ROWID;

        """

    // A verdict's memory is null where it is the same as that of the verdict before it.
    private static let conformity = """
        CREATE TABLE verdict (
            objective INTEGER NOT NULL REFERENCES objective (id),
            "end" INTEGER NOT NULL,
            start INTEGER NOT NULL CHECK (start < "end"),
            verdict INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 3),
            value REAL,
            bound REAL,
            memory BLOB,
            PRIMARY KEY (objective, "end", start)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE nonconformity (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id GLOB 'NC-[0-9]*-[0-9]*'),
            objective TEXT NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('minor', 'major', 'critical')),
            state TEXT NOT NULL,
            condition TEXT NOT NULL CHECK (condition IN ('ongoing', 'cleared')),
            remark TEXT,
            onset INTEGER NOT NULL,
            raised_at INTEGER NOT NULL CHECK (raised_at > onset),
            cleared_at INTEGER,
            detected_at INTEGER,
            peak REAL,
            bound REAL,
            unit TEXT,
            recurrence_of TEXT,
            definition TEXT NOT NULL,
            configuration TEXT NOT NULL,
            points TEXT NOT NULL,
            UNIQUE (objective, onset)
        ) STRICT;
        CREATE TABLE evidence (
            number INTEGER NOT NULL REFERENCES nonconformity (number),
            "end" INTEGER NOT NULL,
            start INTEGER NOT NULL CHECK (start < "end"),
            verdict TEXT NOT NULL,
            value REAL,
            bound REAL,
            coverage REAL NOT NULL,
            status TEXT NOT NULL,
            PRIMARY KEY (number, "end", start)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE step (
            number INTEGER NOT NULL REFERENCES nonconformity (number),
            seq INTEGER NOT NULL CHECK (seq > 0),
            time INTEGER NOT NULL,
            who TEXT NOT NULL,
            step TEXT NOT NULL,
            details TEXT NOT NULL,
            PRIMARY KEY (number, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE nc_number (
            year INTEGER PRIMARY KEY,
            last INTEGER NOT NULL CHECK (last > 0)
        ) STRICT;
        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY CHECK (seq > 0),
            time INTEGER NOT NULL,
            line TEXT NOT NULL,
            hash TEXT NOT NULL CHECK (length(hash) = 64)
        ) STRICT;

        """

    // Null where it was recorded before that was kept.
    private static let revisionsOfEvidence = """
        ALTER TABLE evidence ADD COLUMN revision INTEGER CHECK (revision > 0);
        ALTER TABLE nonconformity ADD COLUMN frozen TEXT;

        """

    // The entry `fallback`.
    private static let fallback = """
        CREATE TABLE ledger_2 (
            point INTEGER NOT NULL REFERENCES point (id),
            time INTEGER NOT NULL,
            entry INTEGER NOT NULL CHECK (entry BETWEEN 0 AND 7),
            advance REAL,
            last_suspect INTEGER NOT NULL CHECK (last_suspect >= time),
            PRIMARY KEY (point, time, entry)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO ledger_2 SELECT point, time, entry, advance, last_suspect FROM ledger;
        DROP TABLE ledger;
        ALTER TABLE ledger_2 RENAME TO ledger;

        """

    // The time in which a window's condition was not known; null where that is none.
    private static let unknown = """
        ALTER TABLE value ADD COLUMN unknown INTEGER CHECK (unknown > 0);

        """

    private static let notes = """
        CREATE TABLE alert (
            seq INTEGER PRIMARY KEY CHECK (seq > 0),
            time INTEGER NOT NULL,
            severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'minor', 'major', 'critical')),
            json TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE TABLE delivery (
            path TEXT PRIMARY KEY,
            delivered INTEGER NOT NULL CHECK (delivered >= 0),
            lines INTEGER NOT NULL CHECK (lines >= 0),
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            "offset" INTEGER NOT NULL CHECK ("offset" >= 0)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE learned (
            meter TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (meter, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;

        """
}
