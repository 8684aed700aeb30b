import DatabaseFile
import Foundation
import GRDB
import Storage

/// A table of which rows can be handed over as they are stored, in an order in which each stands on those before it.
package enum KeptTable: String, Sendable, CaseIterable {
    case meta, point, indicator, objective, configuration
    case configurationFile = "configuration_file"
    case keptFile = "kept_file"
    case renaming
    case definitionEnd = "definition_end"
    case number = "nc_number"
    case value, ledger, verdict, nonconformity, evidence
}

/// A row as it is stored.
package struct KeptRow: Sendable, Hashable {
    package let table: KeptTable
    /// By column.
    package var cells: [String: StoredCell]

    /// A row of a table.
    package init(_ table: KeptTable, _ cells: [String: StoredCell]) {
        (self.table, self.cells) = (table, cells)
    }

    /// The whole number in a column; nil for anything else.
    package subscript(_ column: String) -> Int64? { cells[column]?.integer }
}

extension StoreReader {
    /// The rows of a table for which an SQL condition holds, by their first columns.
    package final func kept(_ table: KeptTable, where condition: String = "1 = 1") throws -> [KeptRow] {
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM \"\(table.rawValue)\" WHERE \(condition) ORDER BY 1, 2")
        var found: [KeptRow] = []
        while let row = try rows.next() {
            found.append(
                KeptRow(table, Dictionary(uniqueKeysWithValues: row.map { ($0, StoredCell($1)) })))
        }
        return found
    }
}

extension PlantStore {
    /// Makes a new store in a directory of rows that were handed over, each table's after those of the tables before it.
    ///
    /// Throws a ``StoreFault`` where a row has a column that its table has not, or says what no record can say.
    package static func laid(in directory: String, _ rows: [KeptRow]) throws -> PlantStore {
        let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
        do {
            try store.connection.write { database in
                for table in KeptTable.allCases {
                    let known = Set(try database.columns(in: table.rawValue).map(\.name))
                    for row in rows where row.table == table { try insert(row, known, database) }
                }
            }
        } catch let error as DatabaseError {
            throw StoreFault(error, path: store.path)
        }
        // What it knows of names is read when it is opened.
        try store.close()
        return try PlantStore(directory: directory, access: .owner(create: false, sync: .normal))
    }

    private static func insert(_ row: KeptRow, _ known: Set<String>, _ database: Database) throws {
        let cells = row.cells.sorted { $0.key < $1.key }
        guard cells.allSatisfy({ known.contains($0.key) }), !cells.isEmpty else {
            throw StoreFault(.corrupt, "a row of \(row.table.rawValue) has columns that are not known")
        }
        try database.execute(
            sql: """
                INSERT INTO "\(row.table.rawValue)" (\(cells.map { "\"\($0.key)\"" }.joined(separator: ", ")))
                    VALUES (\(cells.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT DO NOTHING
                """, arguments: StatementArguments(cells.map(\.value.databaseValue)))
    }
}

extension StoredCell {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
