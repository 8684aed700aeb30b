import Foundation
import GRDB

/// What went wrong with the database, as a sentence: what, where, and what to do.
package struct StoreFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is; decides the exit code.
    package enum Kind: Sendable, Hashable {
        /// Another process owns the state directory.
        case inUse
        /// The state directory or the database cannot be made.
        case cannotCreate
        /// There is no database.
        case notFound
        /// The disk or the file system failed.
        case io
        /// The disk is full; nothing of the transaction was written, and the database is whole.
        case full
        /// The file is not a sound database of this program.
        case corrupt
        /// The database was written by a newer version of this program.
        case newer
        /// The user may not read or write there.
        case notPermitted
        /// The caller broke a rule of the store; a fault of the program.
        case refused
        /// The daemon is ending and answers no more.
        case closing
    }

    package var kind: Kind
    /// The sentence.
    package var message: String

    /// A fault of that kind.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The sentence.
    package var description: String { message }

    /// The exit code for programs that end because of it.
    package var exitCode: Int32 {
        switch kind {
        case .inUse, .cannotCreate: 73
        case .notFound, .io, .full, .corrupt, .newer, .refused: 74
        case .notPermitted: 77
        case .closing: 69
        }
    }
}

extension StoreFault {
    /// The fault behind an SQLite error in the database at `path`.
    package init(_ error: DatabaseError, path: String) {
        let detail = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "the disk that holds \(path) is full: free space there, recording goes on by itself")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .corrupt,
                "the database \(path) is damaged (\(detail)): restore a backup, or take what can be read with "
                    + "'emsctl salvage'")
        case .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_READONLY:
            self.init(
                .notPermitted,
                "the database \(path) cannot be written (\(detail)): check owner and mode of its directory")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.inUse, "the database \(path) is locked by another process (\(detail)): end that one first")
        case .SQLITE_CANTOPEN:
            self.init(.io, "the database \(path) cannot be opened (\(detail)): check that it exists and may be read")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_MISUSE:
            self.init(.refused, "the database \(path) refused a row (\(detail)): report this as a fault of emsd")
        default:
            self.init(.io, "the database \(path) failed (\(detail)): check the disk")
        }
    }
}
