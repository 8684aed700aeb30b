import Foundation
import GRDB
import Metering
import ReadingCodec

/// Takes over what can be read of a damaged database into a new, sound one: first its whole record but for the chunks of
/// readings, in one transaction, then these, some pages at a time, while the new database is written already.
///
/// Nothing is believed: a chunk must have its checksum, every row must pass the checks of the new database. Chunks keep
/// their numbers, and chunks made meanwhile have larger ones, so that the order of arrival stays what it was.
///
/// `@unchecked Sendable`: used by the one thread that writes.
///
/// ```
/// let salvage = try DatabaseSalvage("/var/lib/emsd/emsd.db.damaged", into: database)
/// try salvage.takeRecord(into: database)
/// ```
package final class DatabaseSalvage: @unchecked Sendable {
    /// What was taken over so far.
    package internal(set) var report: SalvageReport
    let trees: DamagedTrees
    package let tables: [SalvageTable]
    /// Pages with chunks, the newest last: these come first.
    var chunkPages: [Int] = []
    /// What the file's index says of chunks that were not taken over yet.
    var expected: [Int64: ChunkPlace] = [:]
    package let codec = ChunkCodec()
    /// The points that the new database has, by their numbers.
    package var names: [Int64: String] = [:]
    /// The key under which the new database remembers that chunks are still to come, and from which file.
    package static let note = "salvage"
    /// The key of the number above which new chunks are numbered.
    package static let floor = "chunk_floor"

    /// What is known of a chunk without reading it.
    struct ChunkPlace {
        var point: Int64
        var first: Int64
        var last: Int64
        var count: Int
    }

    /// The salvage of the file at `source` into the new database; nothing is read yet.
    package init(_ source: String, into database: Database) throws {
        report = SalvageReport(source: source)
        trees = DamagedTrees(try DamagedFile(source))
        tables = try SalvageTable.all(in: database)
        report.pages = trees.file.pageCount
        report.lostLogPages = trees.file.lostFrames
    }

    /// Takes over everything but the chunks; within one transaction of the new database.
    package func takeRecord(into database: Database) throws {
        try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
        let roots = try trees.roots()
        for table in tables {
            guard let root = roots[table.name] else { continue }
            if table.name == "chunk" {
                let (pages, largest) = trees.leaves(ofTableAt: root)
                chunkPages = pages
                try setFloor(largest, in: database)
                continue
            }
            try trees.rows(ofTreeAt: root, isIndex: table.isIndex) { rowid, fields in
                try take(rowid, fields, of: table, into: database)
            }
        }
        for (name, root) in roots where !tables.contains(where: { $0.name == name }) {
            guard name != "chunk_by_time" else { continue }
            // Their pages are no strays; what is in them is made anew.
            if name.hasPrefix("sqlite_autoindex") { try trees.rows(ofTreeAt: root, isIndex: true) { _, _ in } }
        }
        if let root = roots["chunk_by_time"] { try readIndex(root, in: database) }
        try takeStrays(into: database)
        try nameTheNameless(in: database)
        try keepNumbers(in: database)
        try count(in: database)
        try database.execute(
            sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            arguments: [DatabaseSalvage.note, report.source])
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO meta (key, value) SELECT 'note.salvage.clock', CAST(max(clock) AS TEXT) FROM (
                    SELECT clock FROM hot UNION ALL SELECT value FROM meta WHERE key = 'clock'
                ) HAVING max(clock) IS NOT NULL
                """)
        noteDamage()
    }

    /// Finds the chunks again after a restart, when all else was taken over before.
    package func resume(in database: Database) throws {
        let roots = try trees.roots()
        if let root = roots["chunk"] {
            chunkPages = trees.leaves(ofTableAt: root).pages
        } else {
            for (number, page) in trees.strays() where page.kind == .tableLeaf { chunkPages.append(number) }
        }
        try count(in: database)
        noteDamage()
    }

    /// What the index knows of each chunk: with it the lost ones can be named.
    private func readIndex(_ root: Int, in database: Database) throws {
        var largest: Int64 = 0
        try trees.rows(ofTreeAt: root, isIndex: true) { _, fields in
            let numbers = fields.compactMap(\.integer)
            guard numbers.count == 5, numbers[4] > 0, numbers[3] > 0, numbers[3] <= 1 << 24 else { return }
            expected[numbers[4]] = ChunkPlace(
                point: numbers[0], first: numbers[2], last: numbers[1], count: Int(numbers[3]))
            largest = max(largest, numbers[4])
        }
        try setFloor(largest, in: database)
    }

    /// New chunks get numbers above all those that may still come from the file.
    private func setFloor(_ largest: Int64, in database: Database) throws {
        // The last leaf's own numbers are not known before it is read: no leaf holds so many.
        let floor = min(max(0, largest), 1 << 62) + 100_000
        try database.execute(
            sql: "INSERT INTO meta (key, value) VALUES (?1, ?2) "
                + "ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            arguments: [DatabaseSalvage.floor, floor])
    }

    private func takeStrays(into database: Database) throws {
        for (number, page) in trees.strays() {
            var hasChunk = false
            try trees.hand(page) { rowid, fields in
                let candidates = tables.filter { $0.fits(fields, isIndex: page.isOfIndex) }
                if candidates.contains(where: { $0.name == "chunk" }) {
                    hasChunk = true
                } else {
                    _ = try candidates.first { try store(rowid, fields, of: $0, into: database) }
                }
            }
            if hasChunk { chunkPages.append(number) }
        }
    }

    private func take(
        _ rowid: Int64, _ fields: [StoredField], of table: SalvageTable, into database: Database
    ) throws {
        if try store(rowid, fields, of: table, into: database) { return }
        if table.name == "hot" { report.brokenFreshRows += 1 } else { report.brokenRows += 1 }
    }

    /// Notes how many pages could not be read.
    package func noteDamage() {
        report.unreadablePages = trees.unreadablePages + trees.file.refused
    }
}
