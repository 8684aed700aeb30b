import Metering
import ReadingCodec

extension StoreReader {
    /// Count, extremes and sum of a point's readings in each step of a stretch; steps without readings are left out.
    ///
    /// Steps are counted from the stretch's start, in milliseconds.
    package final func summaries(_ point: PointIndex, in window: Window, every step: Int64) throws -> [ReadingSummary] {
        precondition(step > 0, "a step takes time")
        var found: [ReadingSummary] = []
        let start = window.start.milliseconds
        var current: ReadingSummary?
        var limit = Int64.min
        try columns(point, in: window) { columns, range in
            for index in range {
                let time = columns.times[index]
                if time >= limit {
                    if let current { found.append(current) }
                    let from = start + (time - start) / step * step
                    limit = from + step
                    current = ReadingSummary(
                        window: Window(
                            start: Instant(milliseconds: from), end: min(Instant(milliseconds: limit), window.end)))
                }
                current?.add(columns.values[index], isUsable: ReadingColumns.isUsable(columns.codes[index]))
            }
        }
        if let current { found.append(current) }
        return found
    }
}

extension ReadingSummary {
    @inline(__always)
    mutating func add(_ value: Double, isUsable: Bool) {
        count += 1
        guard isUsable else { return }
        usable += 1
        minimum = Swift.min(minimum ?? value, value)
        maximum = Swift.max(maximum ?? value, value)
        sum += value
    }
}
