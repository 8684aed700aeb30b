import GRDB

/// The check that the tables of a database are those that its migrations make: a changed rule of a column (STRICT, CHECK,
/// NOT NULL) would let in what cannot be recorded, and changes no row.
package enum SchemaCheck {
    private struct Thing: Hashable {
        let kind: String
        let name: String
        let table: String
        let text: String?
    }

    /// What differs first, as a sentence; nil where nothing does.
    package static func difference(in database: Database) throws -> String? {
        let migrator = StoreSchema.migrator
        let applied = try migrator.appliedIdentifiers(database)
        guard let last = migrator.migrations.last(where: { applied.contains($0) }) else {
            return "the schema: no step of it is noted"
        }
        let made = try DatabaseQueue()
        try migrator.migrate(made, upTo: last)
        let (wanted, steps) = try made.read { (try things(in: $0), try migrator.appliedIdentifiers($0)) }
        if let step = steps.symmetricDifference(applied).sorted().first {
            return "the schema: of its steps up to \(last), step \(step) is not noted as it must be"
        }
        let stored = try things(in: database)
        if let other = stored.subtracting(wanted).min(by: { $0.name < $1.name }) {
            return "the schema: the \(other.kind) \(other.name) is not what emsd makes"
        }
        if let gone = wanted.subtracting(stored).min(by: { $0.name < $1.name }) {
            return "the schema: the \(gone.kind) \(gone.name) is gone"
        }
        return nil
    }

    /// All but what SQLite notes for itself of how rows are spread. How lines are broken says nothing.
    private static func things(in database: Database) throws -> Set<Thing> {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
                """)
        return Set(
            rows.map { row in
                let text = (row["sql"] as String?)?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                return Thing(
                    kind: row["type"] ?? "", name: row["name"] ?? "", table: row["tbl_name"] ?? "", text: text)
            })
    }
}
