import Metering

/// The stored readings of one point over a stretch of time, from chunks and hot rows, merged by time; the later arrival wins.
///
/// Chunks are unpacked one by one as the time comes to them, so that a year costs no more memory than what overlaps.
struct ChunkShelf {
    private let point: Int64
    private let window: Window
    /// Chunks not yet opened, the next one last.
    private var waiting: [ChunkHeader]
    /// Opened and not yet read to their end.
    private var open: [Source] = []

    private struct Source {
        /// The order of arrival.
        var rank: Int64
        var columns: ReadingColumns
        var position: Int
        var end: Int
        var time: Int64 { columns.times[position] }
    }

    /// The readings of the point with this number in a stretch; `hot` are those not yet in chunks, ascending.
    init(_ reader: StoreReader, point: Int64, window: Window, hot: ReadingColumns) throws {
        self.point = point
        self.window = window
        waiting = try reader.chunks(point, window)
        waiting.sort { ($0.first, $0.id) > ($1.first, $1.id) }
        if hot.count > 0 { open(hot, rank: Int64.max) }
    }

    private mutating func open(_ columns: ReadingColumns, rank: Int64) {
        let position = columns.index(from: window.start.milliseconds)
        let end = columns.index(from: window.end.milliseconds)
        if position < end { open.append(Source(rank: rank, columns: columns, position: position, end: end)) }
    }

    /// Hands out the readings as columns with the range in them that counts, in order of time.
    mutating func run(_ reader: StoreReader, _ body: (ReadingColumns, Range<Int>) throws -> Void) throws {
        while true {
            let now = open.map(\.time).min()
            while let next = waiting.last, now == nil || next.first <= now! {
                waiting.removeLast()
                open(try reader.unpack(point, next), rank: next.id)
                if now == nil && !open.isEmpty { break }
            }
            if open.isEmpty {
                if waiting.isEmpty { return }
                continue
            }
            if open.count == 1 {
                try runAlone(body)
            } else {
                try runTogether(body)
            }
        }
    }

    /// The only open source, up to where the next chunk begins.
    private mutating func runAlone(_ body: (ReadingColumns, Range<Int>) throws -> Void) throws {
        let source = open[0]
        var end = source.end
        if let next = waiting.last {
            if next.first <= source.time { return }
            end = min(end, source.columns.index(from: next.first))
        }
        if end == source.end { open.removeAll() } else { open[0].position = end }
        try body(source.columns, source.position..<end)
    }

    /// Several sources that overlap, up to where one of them ends or the next chunk begins.
    private mutating func runTogether(_ body: (ReadingColumns, Range<Int>) throws -> Void) throws {
        var merged = ReadingColumns()
        let limit = waiting.last?.first ?? Int64.max
        while open.count > 1 {
            var winner = 0
            for index in open.indices.dropFirst() {
                let (one, best) = (open[index], open[winner])
                if one.time < best.time || one.time == best.time && one.rank > best.rank { winner = index }
            }
            let time = open[winner].time
            if time >= limit { break }
            let position = open[winner].position
            let columns = open[winner].columns
            merged.append(time, columns.values[position], columns.codes[position])
            for index in open.indices where open[index].time == time { open[index].position += 1 }
            open.removeAll { $0.position == $0.end }
        }
        if merged.count > 0 { try body(merged, 0..<merged.count) }
    }
}
