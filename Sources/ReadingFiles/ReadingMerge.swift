import Metering

/// Several recordings as one stream in order of time; rows may be out of order by up to an hour.
///
/// The recording that is furthest behind is read on, so that files of parallel meters and files of successive months both pass with
/// little in memory.
package final class ReadingMerge {
    private struct Source {
        var file: ReadingFile
        /// The newest time read from it.
        var newest = Instant.distantPast
    }

    /// How far rows may be out of order, in milliseconds.
    static let tolerance: Int64 = 3_600_000

    private let files: [ReadingFile]
    private var sources: [Source]
    private var waiting: [Reading] = []
    private var newest = Instant.distantPast
    private var isSorted = true
    /// Sort and hand on only when that many wait: sorting again and again what must stay would cost more than the rest.
    private var threshold = 200_000

    package init(_ files: [ReadingFile]) {
        self.files = files
        sources = files.map { Source(file: $0) }
    }

    /// How much of the files was read so far, from 0 to 1; nil where that is not known.
    package var share: Double? {
        let progress = files.map(\.progress)
        let whole = progress.map(\.of).reduce(0, +)
        return whole > 0 ? Double(progress.map(\.read).reduce(0, +)) / Double(whole) : nil
    }

    /// The next readings in order of time; nil after the last.
    package func next() throws(ReadingFileFault) -> [Reading]? {
        while !sources.isEmpty {
            var behind = 0
            for index in sources.indices where sources[index].newest < sources[behind].newest { behind = index }
            let before = waiting.count
            let goesOn = try sources[behind].file.read(8192, into: &waiting)
            for reading in waiting[before...] {
                if reading.time < newest { isSorted = false } else { newest = reading.time }
                if reading.time > sources[behind].newest { sources[behind].newest = reading.time }
            }
            if !goesOn { sources.remove(at: behind) }
            guard waiting.count >= threshold, let frontier = sources.map(\.newest).min() else { continue }
            let ready = take(before: frontier - Self.tolerance)
            threshold = 200_000 + waiting.count
            if !ready.isEmpty { return ready }
        }
        guard !waiting.isEmpty else { return nil }
        return take(before: .distantFuture)
    }

    private func take(before limit: Instant) -> [Reading] {
        if !isSorted {
            // The standard library's sort is stable, so of two rows for one point and time the later stays the later.
            waiting.sort { $0.time < $1.time }
            isSorted = true
        }
        var low = 0
        var high = waiting.count
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].time < limit { low = middle + 1 } else { high = middle }
        }
        let ready = Array(waiting[..<low])
        waiting.removeFirst(low)
        return ready
    }
}
