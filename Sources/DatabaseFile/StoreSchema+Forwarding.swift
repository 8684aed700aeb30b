import GRDB

extension StoreSchema {
    // How far each target has the record, in the order of recording: of readings the last chunk and the last hot row, of all
    // else a number; `past_thing` and `past_end` say how far the windows from before the log have come, null when they are
    // all there. `recorded` is that log: only what a target has not got stands in it. `sealed_rows` says which chunks hold
    // the hot rows up to a number, so that what was sent as rows is not sent again as chunks; `arrived` is the order of
    // arrival of a chunk that was joined.
    static let forwarding = """
        CREATE TABLE forward_cursor (
            target TEXT NOT NULL,
            stream TEXT NOT NULL,
            first INTEGER NOT NULL,
            second INTEGER NOT NULL,
            past_thing INTEGER,
            past_end INTEGER CHECK ((past_end IS NULL) = (past_thing IS NULL)),
            since INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            acknowledged INTEGER,
            PRIMARY KEY (target, stream)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE forward_rejected (
            number INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            target TEXT NOT NULL,
            stream TEXT NOT NULL,
            line TEXT NOT NULL,
            answer TEXT NOT NULL
        ) STRICT;
        CREATE TABLE recorded (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
            thing INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            start INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE sealed_rows (
            hot INTEGER PRIMARY KEY,
            first INTEGER NOT NULL,
            last INTEGER
        ) STRICT;
        ALTER TABLE chunk ADD COLUMN arrived INTEGER;
        CREATE INDEX chunk_by_arrival ON chunk (coalesce(arrived, id));

        """

    /// Shows a database from before this was kept as one without targets.
    static func lendForwarding(_ database: Database) throws {
        guard try !database.tableExists("forward_cursor") else { return }
        try database.execute(
            sql: """
                CREATE TEMP VIEW forward_cursor AS
                    SELECT '' AS target, '' AS stream, 0 AS first, 0 AS second, NULL AS past_thing, NULL AS past_end,
                        0 AS since, 0 AS lines, NULL AS acknowledged WHERE 0;
                CREATE TEMP VIEW forward_rejected AS
                    SELECT 0 AS number, 0 AS time, '' AS target, '' AS stream, '' AS line, '' AS answer WHERE 0;
                """)
    }
}
