import Metering
import ReadingCodec

extension StoreReader {
    /// The readings of a point in a stretch, ascending in time, bad ones included; of several at one time the last
    /// arrived.
    ///
    /// Derived points and points that the database does not know have none.
    package final func readings(_ point: PointIndex, in window: Window, _ body: (Reading) throws -> Void) throws {
        try columns(point, in: window) { columns, range in
            for index in range { try body(columns.reading(index, of: point)) }
        }
    }

    /// The readings of a point in a stretch, ascending in time, bad ones included; of several at one time the last
    /// arrived.
    package final func readings(_ point: PointIndex, in window: Window) throws -> [Reading] {
        var found: [Reading] = []
        try readings(point, in: window) { found.append($0) }
        return found
    }

    /// The same as columns, for questions over many readings.
    final func columns(
        _ point: PointIndex, in window: Window, _ body: (ReadingColumns, Range<Int>) throws -> Void
    ) throws {
        try settle()
        let id = try identities.point(point)
        guard id > 0, window.start < window.end else { return }
        var merged = try MergedReadings(self, point: id, window: window, hot: try hotReadings(id, window))
        try merged.run(self, body)
    }

    /// The last reading of a point before an instant, or the last usable one; nil where there is none.
    package final func lastReading(_ point: PointIndex, before instant: Instant, usable: Bool) throws -> Reading? {
        try settle()
        let id = try identities.point(point)
        guard id > 0 else { return nil }
        var end = instant
        while true {
            guard let start = try lastStretch(id, before: end, usable: usable) else { return nil }
            var last: Reading?
            try columns(point, in: Window(start: start, end: end)) { columns, range in
                for index in range.reversed() where !usable || ReadingColumns.isUsable(columns.codes[index]) {
                    last = columns.reading(index, of: point)
                    break
                }
            }
            if let last { return last }
            end = start
        }
    }

    /// From when on to look for the last reading before an instant: the first of the chunk or hot row that may hold it.
    private func lastStretch(_ point: Int64, before end: Instant, usable: Bool) throws -> Instant? {
        let chunk = """
            SELECT max(first) FROM (
                SELECT first FROM chunk WHERE point = ?1 AND first < ?2 \(usable ? "AND usable > 0" : "")
                ORDER BY last DESC LIMIT 1)
            """
        let inChunks = try integer(chunk, point, end.milliseconds)
        var inHot: Int64?
        // Rows that end before what is found already are stepped over without unpacking them: nearly all but the
        // newest.
        try with("SELECT first, last, data FROM hot WHERE first < ? ORDER BY seq DESC") { statement in
            statement.bind(1, end.milliseconds)
            while try statement.step() {
                if let inHot, statement.int64(1) <= inHot { continue }
                try decodeHot(statement.bytes(2), statement.int64(0), where: { $0 == point }) { _, time, _, code in
                    if time < end.milliseconds, !usable || ReadingColumns.isUsable(code) {
                        inHot = max(inHot ?? .min, time)
                    }
                }
            }
        }
        let inTail = inTail[point].flatMap { columns in
            (0..<columns.index(from: end.milliseconds)).last { !usable || ReadingColumns.isUsable(columns.codes[$0]) }
                .map { columns.times[$0] }
        }
        guard let start = [inChunks, inHot, inTail].compactMap({ $0 }).max() else { return nil }
        return Instant(milliseconds: start)
    }

    /// The record's begin: the time of the first reading of any point that was ever stored, good or bad (Rules 2).
    ///
    /// It stays when retention deletes that reading.
    package final func recordStart() throws -> Instant? {
        try settle()
        let stored = try integer("SELECT value FROM meta WHERE key = 'record_start'")
        return (stored ?? inTail.values.compactMap(\.times.first).min()).map(Instant.init(milliseconds:))
    }

    /// Those of the readings that would change what is stored: not held yet, or held with another value or quality.
    ///
    /// In their order; of several of one point and time only the last one counts.
    package final func novel(_ readings: [Reading]) throws -> [Reading] {
        try settle()
        var spans: [PointIndex: (first: Int64, last: Int64)] = [:]
        var last: [ReadingKey: Int] = [:]
        last.reserveCapacity(readings.count)
        for (index, reading) in readings.enumerated() {
            let time = reading.time.milliseconds
            let span = spans[reading.point] ?? (time, time)
            spans[reading.point] = (min(span.first, time), max(span.last, time))
            last[ReadingKey(reading)] = index
        }
        var isNovel = [Bool](repeating: false, count: readings.count)
        for index in last.values { isNovel[index] = true }
        for (point, span) in spans {
            let window = Window(start: Instant(milliseconds: span.first), end: Instant(milliseconds: span.last + 1))
            try self.readings(point, in: window) { held in
                if let index = last[ReadingKey(held)], held.saysTheSame(as: readings[index]) { isNovel[index] = false }
            }
        }
        return readings.indices.filter { isNovel[$0] }.map { readings[$0] }
    }
}

/// What makes two readings speak of the same thing.
struct ReadingKey: Hashable {
    var point: PointIndex
    var time: Instant

    init(_ reading: Reading) {
        point = reading.point
        time = reading.time
    }
}
