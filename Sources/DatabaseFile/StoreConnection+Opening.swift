import Foundation
import GRDB

extension StoreConnection {
    /// Opens the database of a directory to write, after taking its lock.
    package static func own(
        directory: String, create: Bool, sync: CommitSync, checkingAtOnce: Int64
    ) throws(StoreFault) -> (connection: StoreConnection, opening: StoreOpening) {
        let path = path(in: directory)
        if create {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            } catch {
                throw StoreFault(
                    .cannotCreate,
                    "the state directory \(directory) cannot be made: create it, or choose another in storage.directory"
                )
            }
        } else if !FileManager.default.fileExists(atPath: path) {
            throw StoreFault(.notFound, "there is no database \(path): check the directory")
        }
        let lock = try OwnerLock.take(lockPath(in: directory))
        PrivateFiles.tighten(directory)
        var opening = StoreOpening(isNew: !FileManager.default.fileExists(atPath: path))
        do {
            var pool = try pool(path, sync)
            if !opening.isNew { try look(at: pool, path, checkingAtOnce, &opening) }
            if opening.damage != nil {
                try pool.close()
                opening.setAside = try setAside(path)
                pool = try self.pool(path, sync)
            }
            try bringUpToDate(pool, path)
            if opening.isCheckDue { try pool.write { try SoundnessCheck.note(isDue: true, in: $0) } }
            let flusher = sync == .normal ? WriteAheadFlusher(path: path + "-wal") : nil
            let gallery = try gallery(path)
            return (
                StoreConnection(path: path, pool: pool, gallery: gallery, lock: lock, flusher: flusher), opening
            )
        } catch {
            let fault = StoreFault(error, path: path)
            guard fault.kind == .corrupt else { throw fault }
            return try replace(path, sync, lock, damage: fault.message)
        }
    }

    /// Sets a database aside that cannot even be opened, and makes a new one.
    private static func replace(
        _ path: String, _ sync: CommitSync, _ lock: OwnerLock, damage: String
    ) throws(StoreFault) -> (connection: StoreConnection, opening: StoreOpening) {
        do {
            let aside = try setAside(path)
            let pool = try pool(path, sync)
            try bringUpToDate(pool, path)
            let flusher = sync == .normal ? WriteAheadFlusher(path: path + "-wal") : nil
            return (
                StoreConnection(path: path, pool: pool, gallery: try gallery(path), lock: lock, flusher: flusher),
                StoreOpening(isNew: true, wasUnclean: true, setAside: aside, damage: damage)
            )
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Opens the database of a directory to read; creates nothing.
    package static func look(directory: String) throws(StoreFault) -> (
        connection: StoreConnection, opening: StoreOpening
    ) {
        let path = path(in: directory)
        guard access(path, F_OK) == 0 || errno == EACCES else {
            throw StoreFault(.notFound, "there is no database \(path): check the directory")
        }
        guard access(path, R_OK) == 0 else {
            throw StoreFault(
                .notPermitted,
                "the database \(path) is its owner's alone: ask the daemon (without --database), or use sudo")
        }
        do {
            let isLive = OwnerLock.isHeld(lockPath(in: directory))
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let reader: any DatabaseReader
            if isLive {
                configuration.prepareDatabase(StoreSchema.lendColumns)
                reader = try DatabasePool(path: path, configuration: configuration)
            } else {
                // Nobody writes: without SQLite's locks and with the index of the log in memory nothing is created
                // beside the database, and a log that a killed daemon left is still read, even on a medium that cannot
                // be written.
                configuration.prepareDatabase { database in
                    try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY")
                    try StoreSchema.lendColumns(database)
                }
                reader = try DatabaseQueue(path: try stillAddress(path), configuration: configuration)
            }
            let connection = StoreConnection(path: path, reader: reader, isStill: !isLive)
            try connection.read { database in
                try checkVersion(database, path)
                guard try !StoreSchema.migrator.appliedIdentifiers(database).isEmpty else {
                    throw StoreFault(
                        .notFound, "the database \(path) holds nothing of emsd yet: start emsd, which makes the record")
                }
            }
            return (connection, StoreOpening())
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// The address of a database that nobody writes.
    static func stillAddress(_ path: String) throws(StoreFault) -> String {
        try address(path) + "?mode=ro&vfs=unix-none"
    }

    /// The address of a database that is only read while another connection writes it.
    static func liveAddress(_ path: String) throws(StoreFault) -> String { try address(path) + "?mode=ro" }

    /// A path as an address: only a connection that was opened by one takes addresses of other databases.
    static func address(_ path: String) throws(StoreFault) -> String {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%;"))
        guard let escaped = absolute.addingPercentEncoding(withAllowedCharacters: allowed) else {
            throw StoreFault(.io, "the path \(path) cannot be written as an address: rename the directory")
        }
        return "file://\(escaped)"
    }

    private static func pool(_ path: String, _ sync: CommitSync) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            // The first two only mean something in a file that is still empty. Small pages: a row more in a table writes
            // one of them to the log. A long log: pages that change with each commit come into the file once for many.
            try database.execute(
                sql: """
                    PRAGMA page_size = 1024;
                    PRAGMA auto_vacuum = INCREMENTAL;
                    PRAGMA secure_delete = OFF;
                    PRAGMA wal_autocheckpoint = \(LogCheckpointer.usualPages);
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA cache_size = -16384;
                    """)
        }
        PrivateFiles.make(path)
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(sync == .full ? "FULL" : "NORMAL")")
        }
        return pool
    }

    /// Connections for what people ask: they are many and their readers slow, so each keeps few pages.
    private static func gallery(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func bringUpToDate(_ pool: DatabasePool, _ path: String) throws {
        try pool.read { try checkVersion($0, path) }
        try StoreSchema.migrator.migrate(pool)
        try pool.write { try setClean(false, in: $0) }
    }

    private static func checkVersion(_ database: Database, _ path: String) throws {
        if try StoreSchema.migrator.hasBeenSuperseded(database) {
            throw StoreFault(.newer, "the database \(path) was written by a newer version of emsd: use that one")
        }
    }

    /// Looks whether a database was closed properly, and where it was not checks it, if it is small: a large one would
    /// keep the daemon from recording for minutes, and is checked while it does (``SoundnessCheck``).
    private static func look(
        at pool: DatabasePool, _ path: String, _ checkedAtOnce: Int64, _ opening: inout StoreOpening
    ) throws {
        if let found = try? String(contentsOfFile: SoundnessCheck.notePath(path), encoding: .utf8) {
            (opening.wasUnclean, opening.damage) = (true, found)
            return
        }
        try pool.read { database in
            guard try database.tableExists("meta") else { return }
            let isUnchecked = try SoundnessCheck.isDue(in: database)
            let clean = try Int.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'clean'")
            opening.wasUnclean = clean != 1
            guard opening.wasUnclean || isUnchecked else { return }
            if SoundnessCheck.size(of: path) > checkedAtOnce {
                opening.isCheckDue = true
            } else {
                opening.damage = try SoundnessCheck.damage(in: database)
            }
        }
    }

    /// Renames a damaged database with its log, and returns its new path.
    private static func setAside(_ path: String) throws -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).damaged-\(number)") { number += 1 }
        let aside = "\(path).damaged-\(number)"
        for suffix in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
        }
        try? FileManager.default.removeItem(atPath: SoundnessCheck.notePath(path))
        return aside
    }
}

extension StoreFault {
    /// The fault behind any error in the database at `path`.
    package init(_ error: any Error, path: String) {
        switch error {
        case let fault as StoreFault: self = fault
        case let error as DatabaseError: self.init(error, path: path)
        default: self.init(.io, "the database \(path) failed (\(error)): check the disk")
        }
    }
}
