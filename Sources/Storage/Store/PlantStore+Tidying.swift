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
            if let readings { report.chunksDropped = try writer.dropReadings(before: now - readings, most: chunks) }
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

    /// Deletes the oldest readings, whatever their retention, until at least so many chunks are gone; for a disk that
    /// runs full.
    ///
    /// - Returns: the number of chunks deleted; 0 when there is none left.
    package func thinReadings(chunks: Int) throws -> Int {
        let dropped = try write { try $0.dropOldestChunks(chunks) }
        _ = try giveBack(Int.max)
        return dropped
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
