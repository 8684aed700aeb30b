import Foundation
import GRDB
import Platform
import Synchronization

/// The connections to one database file, and the lock and the flushing thread that go with owning it.
///
/// ```
/// let version = try connection.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
/// ```
package final class StoreConnection: Sendable {
    private let path: String
    private let reader: any DatabaseReader
    private let pool: (any DatabaseWriter)?
    /// Connections for what people ask, so that no number of slow readers takes those of the daemon itself.
    private let gallery: DatabasePool?
    private let isGalleryClosed = Mutex(false)
    private let lock: Mutex<OwnerLock?>
    /// Whether the file was opened as one that nobody writes; a daemon that starts later makes its answers worthless.
    private let isStill: Bool
    private let checkpointer = Mutex<LogCheckpointer?>(nil)
    private let ended = Atomic(0)
    package let flusher: WriteAheadFlusher?

    init(path: String, pool: DatabasePool, gallery: DatabasePool, lock: OwnerLock, flusher: WriteAheadFlusher?) {
        self.path = path
        self.reader = pool
        self.pool = pool
        self.gallery = gallery
        self.lock = Mutex(lock)
        self.flusher = flusher
        isStill = false
    }

    init(path: String, reader: any DatabaseReader, isStill: Bool) {
        self.path = path
        self.reader = reader
        self.isStill = isStill
        pool = nil
        gallery = nil
        lock = Mutex(nil)
        flusher = nil
    }

    /// A database that only this connection uses.
    init(path: String, alone queue: DatabaseQueue, lock: OwnerLock) {
        self.path = path
        (reader, pool) = (queue, queue)
        self.lock = Mutex(lock)
        (gallery, flusher, isStill) = (nil, nil, false)
    }

    deinit { flusher?.stop() }

    /// Whether it may write.
    package var isOwner: Bool { pool != nil }

    /// The path of the database in a state directory.
    package static func path(in directory: String) -> String { directory + "/emsd.db" }

    /// The path of the lock in a state directory.
    package static func lockPath(in directory: String) -> String { directory + "/emsd.lock" }

    /// How many transactions that write have ended: as long as it stays, the database says what it said.
    package var writes: Int { ended.load(ordering: .acquiring) }

    /// One transaction that writes; `onFailure` runs inside the writer's turn when nothing was committed.
    package func write<T>(_ body: (Database) throws -> T, onFailure: () -> Void = {}) throws -> T {
        guard let pool else {
            throw StoreFault(
                .notPermitted, "the database \(path) is open for reading only: open it as its owner to write")
        }
        defer {
            ended.add(1, ordering: .releasing)
            flusher?.committed()
        }
        return try pool.writeWithoutTransaction { database in
            do {
                var result: T?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                guard let result else {
                    throw StoreFault(.io, "the database \(path) ended a transaction early: check the disk")
                }
                return result
            } catch {
                onFailure()
                throw error
            }
        }
    }

    /// Work on the writing connection outside a transaction: pragmas, checkpoints.
    package func maintain<T>(_ body: (Database) throws -> T) throws -> T {
        guard let pool else {
            throw StoreFault(
                .notPermitted, "the database \(path) is open for reading only: open it as its owner to write")
        }
        return try pool.writeWithoutTransaction(body)
    }

    /// Questions to one consistent state.
    package func read<T>(_ body: (Database) throws -> T) throws -> T {
        let result = try reader.read(body)
        if isStill, OwnerLock.isHeld(StoreConnection.lockPath(in: (path as NSString).deletingLastPathComponent)) {
            throw StoreFault(.io, "a daemon has started on \(path) while it was being read: ask again")
        }
        return result
    }

    /// Questions of people to one consistent state; they may take as long as they like.
    package func show<T>(_ body: (Database) throws -> T) throws -> T {
        guard let gallery else { return try read(body) }
        if isGalleryClosed.withLock({ $0 }) { throw StoreFault(.closing, "the daemon is stopping: ask again later") }
        do {
            return try gallery.read(body)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            throw StoreFault(.closing, "the daemon is stopping: ask again later")
        }
    }

    /// Ends the questions of people that are being answered, and answers no more.
    package func endShowing() {
        isGalleryClosed.withLock { $0 = true }
        gallery?.interrupt()
    }

    /// Copies one consistent state of the whole database into a new file, some pages at a time; `pause` runs between
    /// the steps and is told how long the step took.
    ///
    /// `byWriter`: over the writing connection, which no name is looked up for, but which nobody can write with meanwhile.
    package func backup(
        to destination: DatabaseQueue, pagesPerStep: Int32, byWriter: Bool = false,
        pause: @escaping (Duration) -> Void
    ) throws {
        var begin = MonotonicMoment.now
        // As a reader inside one reading transaction, or each commit of the writer would start the copy anew.
        func copy(_ source: Database) throws {
            try destination.writeWithoutTransaction { target in
                try source.backup(to: target, pagesPerStep: pagesPerStep) { progress in
                    if !progress.isCompleted { pause(begin.duration(to: .now)) }
                    begin = .now
                }
            }
        }
        if byWriter { try maintain(copy) } else { try read(copy) }
    }

    /// Lets the log be brought into the file beside the writer from now on, where it has so many pages.
    package func checkpointBeside(pages: Int32 = LogCheckpointer.usualPages) throws {
        try maintain { database in
            checkpointer.withLock { checkpointer in
                guard checkpointer == nil else { return }
                let made = LogCheckpointer(path: path, pages: pages)
                made.watch(database)
                checkpointer = made
            }
        }
    }

    package func close() throws {
        flusher?.stop()
        // Whatever fails here, the directory is given free.
        defer { lock.withLock { $0 = nil } }
        let end = Result {
            guard isOwner else { return }
            endShowing()
            try gallery?.close()
            if let checkpointer = checkpointer.withLock({ $0 }) { try maintain { checkpointer.stop($0) } }
            try write { try StoreConnection.setClean(true, in: $0) }
            // The readers of the pool are closed last, and SQLite does not let those bring the log into the file.
            try maintain { _ = try $0.checkpoint(.truncate) }
        }
        try reader.close()
        try end.get()
    }

    /// Notes whether the database was closed properly.
    package static func setClean(_ clean: Bool, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO meta (key, value) VALUES ('clean', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            arguments: [clean ? 1 : 0])
    }
}
