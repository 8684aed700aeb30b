import DatabaseFile
import Foundation
import GRDB
import Metering
import Platform
import Salvage
import Synchronization

/// The database of a plant: readings, indicator values, verdicts, nonconformities, the journal and the alert outbox.
///
/// It stands in `<directory>/emsd.db` (with `emsd.db-wal` and `emsd.db-shm` while it is open); `<directory>/emsd.lock`
/// says who owns it. One thread writes; any number read at the same time, each a consistent state, and neither ever
/// waits for the other.
///
/// ```
/// let store = try PlantStore(directory: "/var/lib/emsd", access: .owner(create: true, sync: .full))
/// try store.adopt(names)
/// try store.write { try $0.append(readings) }
/// let open = try store.read { try $0.nonconformities() }
/// ```
package final class PlantStore: Sendable {
    /// What a loss of power may cost.
    package typealias Sync = CommitSync

    /// How a store is opened.
    package enum Access: Sendable, Hashable {
        /// To write: takes the directory's lock; makes directory and database where they are missing, if so wanted.
        case owner(create: Bool, sync: Sync)
        /// To read: creates nothing, works beside a daemon that writes, and on read-only media.
        case readOnly
    }

    /// The path of the database.
    package let path: String
    /// The directory that it stands in.
    package let directory: String
    /// How it was left the last time it was open for writing; nil for a new or a read-only one.
    package let opening: StoreOpening
    package let connection: StoreConnection
    /// The salvage of the database that was set aside, as long as the daemon runs that finished it.
    let salvage: DatabaseSalvage?
    let state = WriterState()
    private let rule: SealingRule
    private let identities: Mutex<StoreIdentities>

    /// Opens the database in a directory, brings its schema up to date, and checks it where it was not closed properly.
    ///
    /// A damaged one is set aside, and a new one goes on with what can be read of it (``salvageStep(pages:)``).
    package convenience init(
        directory: String, access: Access, sealing rule: SealingRule = SealingRule()
    ) throws(StoreFault) {
        try self.init(directory: directory, access: access, sealing: rule, salvaging: nil)
    }

    /// Opens a database as above; a new one takes over what can be read of the damaged file at `damaged`, and one that
    /// was not closed properly is checked at once up to so many bytes.
    init(
        directory: String, access: Access, sealing rule: SealingRule = SealingRule(), salvaging damaged: String?,
        checkingAtOnce: Int64 = SoundnessCheck.atOnce
    ) throws(StoreFault) {
        self.rule = rule
        self.directory = directory
        path = StoreConnection.path(in: directory)
        let opened =
            switch access {
            case .owner(let create, let sync):
                try StoreConnection.own(
                    directory: directory, create: create, sync: sync, checkingAtOnce: checkingAtOnce)
            case .readOnly: try StoreConnection.look(directory: directory)
            }
        connection = opened.connection
        var opening = opened.opening
        salvage = try PlantStore.salvage(damaged, into: opened.connection, &opening)
        self.opening = opening
        do {
            identities = Mutex(try opened.connection.read { try StoreIdentities.stored(in: $0) })
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// A store over a connection that is open.
    package init(_ connection: StoreConnection, directory: String) throws(StoreFault) {
        rule = SealingRule()
        self.directory = directory
        path = StoreConnection.path(in: directory)
        self.connection = connection
        (opening, salvage) = (StoreOpening(), nil)
        do {
            identities = Mutex(try connection.read { try StoreIdentities.stored(in: $0) })
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// The names in force: those adopted last, or those of the database's last plan.
    package var names: StoreNames { identities.withLock { $0.names } }

    /// The same with the database's numbers.
    package var currentIdentities: StoreIdentities { identities.withLock { $0 } }

    /// Takes over the names of a plan; from here on its indices are what the questions use.
    ///
    /// Names that the plan no longer has keep their data. A read-only store has no data for names it does not know.
    package func adopt(_ plan: StoreNames) throws {
        do {
            let adopted =
                connection.isOwner
                ? try connection.write { database in
                    // In its turn: others write, too.
                    state.forget()
                    return try StoreIdentities.adopt(plan, in: database)
                }
                : try connection.read { try StoreIdentities.found(plan, in: $0) }
            take(adopted)
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Lets questions use the names of a plan that was adopted within a transaction.
    func take(_ adopted: StoreIdentities) {
        identities.withLock { $0 = adopted }
        // What is in the tail is known by these numbers.
        flush()
    }

    /// How many transactions that write have ended: as long as it stays, every question has the answer that it had.
    package var writes: Int { connection.writes }

    /// Runs one write transaction; throws what the closure throws, or a ``StoreFault``.
    ///
    /// Nothing of it is stored when it throws. Committed, it survives the process; the power, after at most a second or
    /// at once (``Sync``).
    @discardableResult
    package func write<T>(_ body: (StoreWriter) throws -> T) throws -> T {
        let identities = identities.withLock { $0 }
        do {
            let result = try connection.write { database in
                let writer = StoreWriter(database, identities, state, rule)
                let result = try body(writer)
                try writer.finish()
                return result
            } onFailure: {
                state.forget()
            }
            return result
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
    }

    /// Answers questions of the daemon itself from one consistent state; throws what the closure throws, or a
    /// ``StoreFault``.
    package func read<T>(_ body: (StoreReader) throws -> T) throws -> T {
        let identities = identities.withLock { $0 }
        do {
            return try connection.read { try body(try reader($0, identities)) }
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
    }

    /// Answers questions of people from one consistent state, however slowly they take the answer: over connections that
    /// the daemon itself does not need. Throws what the closure throws, or a ``StoreFault``.
    package func show<T>(_ body: (StoreReader) throws -> T) throws -> T {
        let identities = identities.withLock { $0 }
        do {
            return try connection.show { try body(try reader($0, identities)) }
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
    }

    /// Ends what ``show(_:)`` is answering, and lets it answer no more: the daemon stops.
    package func endShowing() { connection.endShowing() }

    private func reader(_ database: Database, _ identities: StoreIdentities) throws -> StoreReader {
        let reader = StoreReader(database, identities)
        if !connection.isOwner { reader.inTail = try pendingInTail(reader) }
        return reader
    }

    /// Why commits cannot be brought to the disk, as a sentence; nil while they can.
    package var flushFault: StoreFault? {
        guard let cause = connection.flusher?.failure else { return nil }
        return StoreFault(
            .io,
            "commits to \(path) cannot be brought to the disk (\(SystemFault.text(cause))): check the disk")
    }

    /// Brings everything committed to the disk now, as far as it is not there: before somebody is told of it.
    package func flush() { connection.flusher?.flush() }

    /// Lets no commit wait from now on until the log has been brought into the database file, which is done beside the
    /// writer: for a daemon that records as it polls.
    package func checkpointBeside() throws { try connection.checkpointBeside() }

    /// Whether a loss of power would leave everything that is committed.
    package var isFlushed: Bool { connection.flusher?.isFlushed ?? true }

    /// Closes the database and gives the directory free; the store cannot be used after that.
    package func close() throws {
        do {
            try connection.close()
        } catch {
            throw StoreFault(error, path: path)
        }
    }
}
