import Metering
import ReadingCodec

extension StoreWriter {
    /// Joins runs of small neighbouring chunks, about so many of them: how many were joined, and whether nothing is
    /// left to join.
    ///
    /// Eight or more chunks of one size class (counts up to 7, 63, 511, 4,095) make one of the next, so that each
    /// reading is written again at most four times, and a point that speaks four times an hour has good chunks too.
    func joinChunks(most: Int) throws -> (joined: Int, isDone: Bool) {
        // Only sealing makes new ones: nothing is looked for as long as there was none.
        let newest = try integer("SELECT max(id) FROM chunk") ?? 0
        if state.joinedUpTo == newest { return (0, true) }
        var joined = 0
        var looked = 0
        while let point = try integer("SELECT min(id) FROM point WHERE id > ?", state.joinCursor) {
            while let run = try smallRun(point) {
                try join(point, run)
                joined += run.count
                if joined >= most { return (joined, false) }
            }
            state.joinCursor = point
            looked += 1
            if looked >= 64 { return (joined, false) }
        }
        state.joinCursor = 0
        state.joinedUpTo = newest == 0 ? 0 : try integer("SELECT max(id) FROM chunk") ?? 0
        return (joined, true)
    }

    /// Eight or more neighbours of a point that are worth joining and share time with no other chunk.
    private func smallRun(_ point: Int64) throws -> [ChunkHeader]? {
        // The covering index has what is asked; a point has some thousand chunks after ten years.
        let sql = "SELECT id, first, last, count FROM chunk WHERE point = ? ORDER BY last DESC, first DESC LIMIT 256"
        var chunks: [(id: Int64, first: Int64, last: Int64, count: Int)] = []
        try with(sql) { statement in
            statement.bind(1, point)
            while try statement.step() {
                chunks.append((statement.int64(0), statement.int64(1), statement.int64(2), statement.int(3)))
            }
        }
        chunks.reverse()
        for limit in [8, 64, 512, 4096] {
            var run: [Int] = []
            var total = 0
            // Where there are more than were looked at, the oldest of these only bounds those unseen.
            for index in chunks.indices.dropFirst(chunks.count == 256 ? 1 : 0) {
                let chunk = chunks[index]
                let fits = chunk.count < limit && total + chunk.count <= ChunkCodec.capacity
                if !fits {
                    if run.count >= 8, isAlone(run, chunks) { break }
                    run = []
                    total = 0
                }
                if chunk.count < limit {
                    run.append(index)
                    total += chunk.count
                }
            }
            if run.count >= 8, isAlone(run, chunks) {
                let ids = Set(run.map { chunks[$0].id })
                let window = Window(
                    start: Instant(milliseconds: run.map { chunks[$0].first }.min() ?? 0),
                    end: Instant(milliseconds: (run.map { chunks[$0].last }.max() ?? 0) + 1))
                return try self.chunks(point, window).filter { ids.contains($0.id) }
            }
        }
        return nil
    }

    /// Whether no chunk outside the run shares time with it: the joined one arrives last and would win over it.
    private func isAlone(_ run: [Int], _ chunks: [(id: Int64, first: Int64, last: Int64, count: Int)]) -> Bool {
        let members = Set(run)
        let first = run.map { chunks[$0].first }.min() ?? 0
        let last = run.map { chunks[$0].last }.max() ?? 0
        return chunks.indices.allSatisfy { members.contains($0) || chunks[$0].last < first || chunks[$0].first > last }
    }

    private func join(_ point: Int64, _ run: [ChunkHeader]) throws {
        let window = Window(
            start: Instant(milliseconds: run.map(\.first).min() ?? 0),
            end: Instant(milliseconds: (run.map(\.last).max() ?? 0) + 1))
        var joined = ReadingColumns()
        var merged = try MergedReadings(self, point: point, window: window, hot: ReadingColumns())
        try merged.run(self) { columns, range in joined.append(columns, range) }
        // Who has the readings already does not get them again.
        var arrived: Int64 = 0
        try with("DELETE FROM chunk WHERE id = ? RETURNING coalesce(arrived, id)") { statement in
            for chunk in run {
                statement.bind(1, chunk.id)
                while try statement.step() { arrived = max(arrived, statement.int64(0)) }
                statement.reset()
            }
        }
        try pack(point, joined, arrived: arrived)
    }
}
