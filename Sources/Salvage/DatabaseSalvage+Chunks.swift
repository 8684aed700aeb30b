import GRDB
import Metering
import ReadingCodec

extension DatabaseSalvage {
    /// Takes over the chunks of some pages, the newest ones first; within one transaction of the new database.
    ///
    /// - Returns: what to do when it is committed; it throws where nothing is stored of it.
    package func takeChunks(pages most: Int, into database: Database) throws -> () -> Void {
        guard let table = tables.first(where: { $0.name == "chunk" }) else { return {} }
        if names.isEmpty {
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM point") { names[row[0]] = row[1] }
        }
        let before = report
        let pages = chunkPages.suffix(most)
        var met: [Int64] = []
        do {
            for page in pages.reversed() {
                try trees.rows(ofLeaf: page) { rowid, fields in
                    met.append(rowid)
                    try takeChunk(rowid, fields, of: table, into: database)
                }
            }
            let isLast = pages.count == chunkPages.count
            if isLast {
                try database.execute(sql: "DELETE FROM meta WHERE key = ?", arguments: [DatabaseSalvage.note])
            }
            noteDamage()
            let after = report
            report = before
            return { [self] in
                report = after
                chunkPages.removeLast(pages.count)
                for number in met { expected[number] = nil }
                if isLast { finish() }
            }
        } catch {
            report = before
            throw error
        }
    }

    private func takeChunk(
        _ rowid: Int64, _ fields: [StoredField], of table: SalvageTable, into database: Database
    ) throws {
        guard table.fits(fields, isIndex: false), fields.count >= 12, let point = fields[1].integer else {
            report.brokenRows += 1
            if let place = expected[rowid] { lose(place) }
            return
        }
        guard isSound(rowid, fields, point) else {
            lose(
                expected[rowid]
                    ?? ChunkPlace(
                        point: point, first: fields[2].integer ?? 0, last: fields[3].integer ?? 0,
                        count: Int(clamping: fields[4].integer ?? 0)))
            return
        }
        if names[point] == nil {
            try database.execute(
                sql:
                    "INSERT OR IGNORE INTO point (id, name, kind, derived) VALUES (?1, 'lost.point-' || ?1, 'gauge', 0)",
                arguments: [point])
            names[point] = "lost.point-\(point)"
            report.nameless += 1
        }
        // Taken over before a restart, it is there already.
        guard try insert(rowid, fields, of: table, into: database) else { return }
        report.chunks += 1
        report.readings += Int(clamping: fields[4].integer ?? 0)
    }

    /// Whether the checksum is right and the readings are what the row says.
    private func isSound(_ rowid: Int64, _ fields: [StoredField], _ point: Int64) -> Bool {
        guard case .blob(let data) = fields[11], let first = fields[2].integer, let last = fields[3].integer,
            let count = fields[4].integer, let usable = fields[5].integer, let version = fields[9].integer,
            point > 0, rowid > 0
        else { return false }
        var header = ChunkHeader(id: rowid, first: first, last: last, count: Int(count), usable: Int(usable))
        header.minimum = fields[6].real
        header.maximum = fields[7].real
        header.total = fields[8].real
        return data.withUnsafeBytes { bytes in
            guard let checksum = fields[10].integer, header.fits(checksum, point: point, bytes) else { return false }
            var columns = ReadingColumns()
            guard (try? codec.decode(bytes, version: Int(version), into: &columns)) != nil else { return false }
            return columns.count == header.count && columns.times.first == first && columns.times.last == last
        }
    }

    private func lose(_ place: ChunkPlace) {
        report.losses.append(
            SalvageReport.Loss(
                point: names[place.point] ?? "lost.point-\(place.point)",
                stretch: Window(start: Instant(milliseconds: place.first), end: Instant(milliseconds: place.last)),
                readings: place.count))
    }

    /// What the index knows of and no page held is lost.
    private func finish() {
        for (_, place) in expected.sorted(by: { $0.key < $1.key }) { lose(place) }
        expected = [:]
        report.losses.sort { ($0.stretch.start, $0.point) < ($1.stretch.start, $1.point) }
        report.isDone = true
    }
}
