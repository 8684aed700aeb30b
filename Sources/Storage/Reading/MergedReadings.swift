import Metering
import ReadingCodec

/// The stored readings of one point over a stretch of time, from chunks and hot rows, merged by time; the later arrival
/// wins.
///
/// Chunks are unpacked one by one as the time comes to them, so that a year costs no more memory than what overlaps.
struct MergedReadings {
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
            while let next = waiting.last, next.first <= open.map(\.time).min() ?? .max {
                waiting.removeLast()
                open(try reader.unpack(point, next), rank: next.id)
            }
            if open.isEmpty { return }
            try advance(body)
        }
    }

    /// Hands out the earliest source's readings up to where another one, open or waiting, has something to say.
    private mutating func advance(_ body: (ReadingColumns, Range<Int>) throws -> Void) throws {
        var winner = 0
        for index in open.indices.dropFirst() {
            let (one, best) = (open[index], open[winner])
            if one.time < best.time || one.time == best.time && one.rank > best.rank { winner = index }
        }
        let source = open[winner]
        var limit = waiting.last?.first ?? .max
        for index in open.indices where index != winner {
            // Of one time the later arrival counts, and the others have had their say.
            if open[index].time == source.time { open[index].position += 1 }
            if open[index].position < open[index].end { limit = min(limit, open[index].time) }
        }
        // At least the reading at hand goes out, then all that are earlier than anything else.
        var end = source.position + 1
        if end < source.end, source.columns.times[end] < limit {
            end = limit == .max ? source.end : min(source.end, source.columns.index(from: limit))
        }
        open[winner].position = end
        open.removeAll { $0.position == $0.end }
        try body(source.columns, source.position..<end)
    }
}
