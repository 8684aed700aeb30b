import DatabaseFile
import GRDB
import Metering

extension PlantStore {
    /// One small step of house-keeping: deletes what is older than its retention, joins small chunks, gives pages back.
    ///
    /// Each step is a write transaction of some milliseconds; call it again, with a pause, until ``TidyReport/isDone``.
    /// Retentions are in milliseconds before `now`; nil: for ever. Nonconformities, the ledger and the journal are
    /// never deleted.
    package func tidy(
        now: Instant, readings: Int64? = nil, indicators: Int64? = nil, chunks: Int = 32, rows: Int = 2000,
        pages: Int = 256
    ) throws -> TidyReport {
        var report = try write { writer in
            var report = TidyReport()
            if let readings {
                let instant = now - readings
                report.chunksDropped = try writer.dropReadings(before: instant, most: chunks, unsent: &report.unsent)
            }
            if let indicators { report.valuesDropped = try writer.dropValues(before: now - indicators, most: rows) }
            (report.chunksJoined, report.isDone) = try writer.joinChunks(most: chunks)
            return report
        }
        report.pagesFreed = try giveBack(pages)
        if report.chunksDropped + report.valuesDropped + report.chunksJoined + report.pagesFreed > 0 {
            report.isDone = false
        }
        return report
    }

    /// Deletes the chunks of readings that end first of all and before `instant`, whatever their retention, at most so
    /// many, and gives their room back to the file system; for a disk that runs full.
    ///
    /// - Returns: how many chunks are gone, with how many readings; 0 where there is none left that may go.
    package func thinReadings(before instant: Instant = .distantFuture, chunks: Int) throws -> (
        chunks: Int, readings: Int
    ) {
        // Looked for as a reader, so that the writer only waits for the deletion; joined meanwhile, some may be gone.
        var thinned = (chunks: 0, readings: 0)
        while thinned.chunks == 0 {
            let oldest = try read { reader in
                let some = try reader.oldestChunks(chunks, before: instant, kept: false)
                // What is kept for nonconformities goes last.
                return some.isEmpty ? try reader.oldestChunks(chunks, before: instant, kept: true) : some
            }
            if oldest.isEmpty { break }
            thinned = try makingRoom { try write { try $0.dropChunks(oldest) } }
        }
        // Moving pages goes over the log, too: each small step is brought into the file before the next one.
        for _ in 0..<max(1, chunks) {
            let freed = try makingRoom { try giveBack(256) }
            try bringIn(.passive)
            if freed == 0 { break }
        }
        return thinned
    }

    /// Does something on a disk that may be full to the last byte: what is in the log already has its place in the file,
    /// and with it there the log's room is free.
    private func makingRoom<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let fault as StoreFault where fault.kind == .full {
            try bringIn(.truncate)
            return try body()
        }
    }

    /// Brings the log into the file, whose end is then given back, as far as nobody reads in it.
    private func bringIn(_ kind: Database.CheckpointMode) throws {
        do {
            try connection.maintain { database in
                do { _ = try database.checkpoint(kind) } catch let error as DatabaseError {
                    guard error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED else { throw error }
                }
            }
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Gives free pages at the file's end back to the file system, at most so many.
    private func giveBack(_ most: Int) throws -> Int {
        do {
            return try connection.maintain { database in
                let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
                // Some stay for what comes next: taking a page from the file's end and giving it back costs two writes.
                guard free > 64 else { return 0 }
                try database.execute(sql: "PRAGMA incremental_vacuum(\(min(most, free - 64)))")
                return min(most, free - 64)
            }
        } catch {
            throw StoreFault(error, path: path)
        }
    }
}

extension PlantStore {
    /// The number of chunks of readings.
    package func chunkCount() throws -> Int { try read { Int(try $0.integer("SELECT count(*) FROM chunk") ?? 0) } }
}
