import Foundation
import GRDB

/// The check of a large database that was not closed properly, while it is in use: with a connection of its own, so that
/// nobody waits for it.
package final class SoundnessCheck: Sendable {
    private let path: String
    private let queue: DatabaseQueue

    /// Bytes up to which a database is checked before it is used: some seconds, on a slow card.
    package static let atOnce: Int64 = 128 << 20
    private static let key = "unchecked"

    package init(path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.readonly = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// What is wrong with the database; nil where it is sound. Takes a minute for each gigabyte or two.
    ///
    /// What is wrong is also noted on the disk, so that the next start sets the database aside. Throws where it was
    /// ended.
    package func run() throws -> String? {
        var damage: String?
        do {
            damage = try queue.read { try SoundnessCheck.damage(in: $0) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            damage = error.message ?? "\(error)"
        } catch {
            throw StoreFault(error, path: path)
        }
        if let damage { try SoundnessCheck.note(damage, path) }
        return damage
    }

    /// Ends a check that runs, from another thread.
    package func end() { queue.interrupt() }

    package static func damage(in database: Database) throws -> String? {
        do {
            let findings = try String.fetchAll(database, sql: "PRAGMA integrity_check(3)")
            return findings == ["ok"] ? nil : findings.joined(separator: "; ")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            // Some damage ends the check itself.
            return error.message ?? "database disk image is malformed"
        }
    }

    // MARK: What is remembered over a stop

    /// The file beside a database that says what is wrong with it.
    static func notePath(_ path: String) -> String { path + ".damage" }

    package static func note(_ damage: String, _ path: String) throws {
        try Data(damage.utf8).write(to: URL(fileURLWithPath: notePath(path)))
        try StoreConnection.sync(notePath(path))
    }

    package static func isDue(in database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key]) == 1
    }

    package static func note(isDue: Bool, in database: Database) throws {
        try database.execute(
            sql: isDue
                ? "INSERT OR REPLACE INTO meta (key, value) VALUES (?, 1)" : "DELETE FROM meta WHERE key = ?",
            arguments: [key])
    }

    package static func size(of path: String) -> Int64 {
        var file = stat()
        return stat(path, &file) == 0 ? Int64(file.st_size) : 0
    }
}
