import Foundation
import GRDB
import GRDBSQLite
import Platform
import Synchronization

/// Brings the log into the database file where it has grown long, with a connection and a thread of its own: the writer
/// goes on meanwhile.
///
/// SQLite does it inside a commit, which on a memory card then takes many seconds in which nothing is recorded.
final class LogCheckpointer: Sendable {
    /// A long log: pages that change with each commit come into the file once for many.
    static let usualPages: Int32 = 49_152

    private let path: String
    private let pages: Int32
    private let signal = MonotonicSemaphore()
    private let ended = MonotonicSemaphore()
    private let shared = Mutex((isDue: false, isStopped: false))

    /// Starts the thread; ``watch(_:)`` tells it what to do.
    init(path: String, pages: Int32 = usualPages) {
        self.path = path
        self.pages = pages
        let thread = Thread { [self] in
            run()
            ended.signal()
        }
        thread.name = "emsd-log"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    /// Takes over from SQLite on the writing connection, which must not outlive it.
    func watch(_ database: Database) {
        let keeper = Unmanaged.passUnretained(self).toOpaque()
        _ = sqlite3_wal_hook(
            database.sqliteConnection,
            { keeper, connection, name, pages in
                guard let keeper else { return SQLITE_OK }
                let checkpointer = Unmanaged<LogCheckpointer>.fromOpaque(keeper).takeUnretainedValue()
                if pages >= checkpointer.pages { checkpointer.noticeLength() }
                // A writer that is always ahead of us has to wait after all.
                if pages >= 4 * checkpointer.pages {
                    sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                }
                return SQLITE_OK
            }, keeper)
    }

    /// Ends the thread and its connection; the writer's own goes back to what SQLite does.
    func stop(_ database: Database) {
        sqlite3_wal_autocheckpoint(database.sqliteConnection, pages)
        let first = shared.withLock { shared in
            defer { shared.isStopped = true }
            return !shared.isStopped
        }
        guard first else { return }
        signal.signal()
        ended.wait()
    }

    private func noticeLength() {
        let wakes = shared.withLock { shared in
            defer { shared.isDue = true }
            return !shared.isDue
        }
        if wakes { signal.signal() }
    }

    private func run() {
        var queue: DatabaseQueue?
        while true {
            signal.wait()
            if shared.withLock({ $0.isStopped }) { break }
            // What cannot be done now is tried with the next commit, and fails in the writer's hands if it must.
            if queue == nil { queue = try? DatabaseQueue(path: path) }
            queue?.writeWithoutTransaction { database in
                _ = sqlite3_wal_checkpoint_v2(
                    database.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            }
            shared.withLock { $0.isDue = false }
        }
        try? queue?.close()
    }
}
