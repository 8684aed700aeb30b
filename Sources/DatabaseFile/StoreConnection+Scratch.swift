import Foundation
import GRDB

extension StoreConnection {
    /// A new database in a directory, which only this process uses, with another one beside it as `record`, which is only
    /// read: its readings are seen in the tables `hot` and `chunk`.
    ///
    /// A loss of power costs all of it.
    package static func scratch(in directory: String, over record: String) throws(StoreFault) -> StoreConnection {
        let path = path(in: directory)
        do {
            let lock = try OwnerLock.take(lockPath(in: directory))
            PrivateFiles.make(path)
            let queue = try DatabaseQueue(path: path)
            try StoreSchema.migrator.migrate(queue)
            try queue.close()
            let isLive = OwnerLock.isHeld(lockPath(in: (record as NSString).deletingLastPathComponent))
            let address = isLive ? try liveAddress(record) : try stillAddress(record)
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { (database: Database) throws in
                // Before the other is opened: one that nobody writes is read without locks and without files beside it.
                if !isLive { try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
                try database.execute(sql: "ATTACH ? AS record", arguments: [address])
                try database.execute(
                    sql: """
                        PRAGMA temp_store = MEMORY;
                        PRAGMA main.synchronous = OFF;
                        PRAGMA main.cache_size = -65536;
                        PRAGMA record.cache_size = -8192;
                        CREATE TEMP VIEW hot AS
                            SELECT seq, first, last, count, NULL AS clock, data FROM record.hot;
                        CREATE TEMP VIEW chunk AS SELECT * FROM record.chunk;
                        """)
            }
            let alone = try DatabaseQueue(path: try self.address(path), configuration: configuration)
            return StoreConnection(path: path, alone: alone, lock: lock)
        } catch {
            throw StoreFault(error, path: path)
        }
    }
}
