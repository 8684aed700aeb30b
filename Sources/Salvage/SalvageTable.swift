import GRDB

/// A table of the present schema, as far as salvage needs to know it.
package struct SalvageTable {
    /// A column and what may stand in it.
    struct Column {
        var name: String
        var type: String
        var isRequired: Bool
    }

    let name: String
    let columns: [Column]
    /// The column that stands for the row's number and is null in the row itself.
    let numberColumn: Int?
    /// Whether it lies in the file like an index (WITHOUT ROWID).
    let isIndex: Bool

    /// The tables of a new database, those that others refer to first.
    static func all(in database: Database) throws -> [SalvageTable] {
        let first = ["point", "indicator", "objective", "nonconformity", "head"]
        let names = try String.fetchAll(
            database,
            sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                + "AND name NOT LIKE 'grdb_%' ORDER BY name")
        return try (first + names.filter { !first.contains($0) }).map { try SalvageTable($0, in: database) }
    }

    private init(_ name: String, in database: Database) throws {
        self.name = name
        isIndex =
            try Bool.fetchOne(database, sql: "SELECT wr FROM pragma_table_list(?)", arguments: [name]) ?? false
        let isIndex = isIndex
        var numberColumn: Int?
        columns = try Row.fetchAll(
            database, sql: "SELECT cid, name, type, \"notnull\", pk FROM pragma_table_info(?) ORDER BY cid",
            arguments: [name]
        ).map { row in
            let column = Column(name: row[1], type: row[2], isRequired: row[3])
            if !isIndex, row[4] == 1, column.type == "INTEGER" { numberColumn = row[0] }
            return column
        }
        self.numberColumn = numberColumn
    }

    /// Whether a row can be one of this table; an older schema may have had fewer columns.
    func fits(_ fields: [StoredField], isIndex: Bool) -> Bool {
        guard isIndex == self.isIndex, !fields.isEmpty, fields.count <= columns.count else { return false }
        for (index, field) in fields.enumerated() {
            if index == numberColumn {
                guard field == .null else { return false }
                continue
            }
            let column = columns[index]
            let fits =
                switch (field, column.type) {
                case (.null, _): !column.isRequired
                case (_, "ANY"), (.integer, "INTEGER"), (.text, "TEXT"), (.blob, "BLOB"): true
                case (.integer, "REAL"), (.real, "REAL"): true
                default: false
                }
            guard fits else { return false }
        }
        // What a later schema added may be missing, what is required may not.
        return columns[fields.count...].allSatisfy { !$0.isRequired }
    }

    /// The statement that stores a row of so many fields, and none that is there already.
    func insertion(of count: Int) -> String {
        let names = columns[..<count].map { "\"\($0.name)\"" }.joined(separator: ", ")
        let marks = Array(repeating: "?", count: count).joined(separator: ", ")
        return "INSERT OR IGNORE INTO \"\(name)\" (\(names)) VALUES (\(marks))"
    }
}
