import GRDB
import GRDBSQLite
import Metering

/// A prepared statement without the cost of boxed arguments and rows: integers, reals, texts and blobs go straight to
/// SQLite.
package struct StoreStatement {
    private let statement: Statement
    private let raw: OpaquePointer

    /// A cached statement of the connection, or a fresh one where the cached one is being stepped through further up.
    package init(_ database: Database, _ sql: String) throws {
        var statement = try database.cachedStatement(sql: sql)
        if sqlite3_stmt_busy(statement.sqliteStatement) != 0 { statement = try database.makeStatement(sql: sql) }
        self.statement = statement
        raw = statement.sqliteStatement
    }

    /// Ends the stepping and forgets what was bound.
    package func reset() {
        sqlite3_reset(raw)
        sqlite3_clear_bindings(raw)
    }

    /// Goes to the next row; false after the last one.
    package func step() throws -> Bool {
        let code = sqlite3_step(raw)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw failure(code)
    }

    /// Runs a statement that returns no rows, and makes it ready for the next run.
    package func run() throws {
        let code = sqlite3_step(raw)
        sqlite3_reset(raw)
        if code != SQLITE_DONE && code != SQLITE_ROW { throw failure(code) }
    }

    /// Rows changed by the connection's last statement.
    package var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(raw))) }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(raw)))
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: statement.sql)
    }

    // MARK: Arguments, counted from 1

    package func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(raw, index, value) }

    package func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(raw, index, Int64(value)) }

    package func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(raw, index, value) } else { sqlite3_bind_null(raw, index) }
    }

    /// Binds a real; a zero loses its sign here, and not only where SQLite stores it as the integer 0, so that what was
    /// written and what is read back are the same in each bit.
    package func bind(_ index: Int32, _ value: Double?) {
        if let value { sqlite3_bind_double(raw, index, value.withoutSignOfZero) } else { sqlite3_bind_null(raw, index) }
    }

    package func bind(_ index: Int32, _ value: String?) {
        if let value {
            sqlite3_bind_text(raw, index, value, -1, StoreStatement.copied)
        } else {
            sqlite3_bind_null(raw, index)
        }
    }

    package func bind(_ index: Int32, _ value: UnsafeRawBufferPointer) {
        if value.isEmpty {
            sqlite3_bind_zeroblob(raw, index, 0)
        } else {
            sqlite3_bind_blob64(raw, index, value.baseAddress, UInt64(value.count), StoreStatement.copied)
        }
    }

    package func bind(_ index: Int32, _ value: [UInt8]?) {
        if let value { value.withUnsafeBytes { bind(index, $0) } } else { sqlite3_bind_null(raw, index) }
    }

    /// SQLITE_TRANSIENT, which is a macro that Swift does not see.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    // MARK: Columns, counted from 0

    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }

    package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }

    package func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(raw, column)) }

    package func int64OrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

    package func double(_ column: Int32) -> Double { sqlite3_column_double(raw, column) }

    package func doubleOrNil(_ column: Int32) -> Double? { isNull(column) ? nil : double(column) }

    package func text(_ column: Int32) -> String { sqlite3_column_text(raw, column).map { String(cString: $0) } ?? "" }

    package func textOrNil(_ column: Int32) -> String? { sqlite3_column_text(raw, column).map { String(cString: $0) } }

    package func instant(_ column: Int32) -> Int64 { int64(column) }

    /// The bytes of a blob, valid until the next step.
    package func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(raw, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column)))
    }

    package func blob(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
}
