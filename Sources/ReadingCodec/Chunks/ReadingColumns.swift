import Metering

/// The readings of one point side by side: what a chunk is made from and what comes out of it.
package struct ReadingColumns {
    /// Milliseconds since 1970, strictly ascending.
    package var times: [Int64] = []
    /// In the point's unit; not a number where the reading is bad.
    package var values: [Double] = []
    /// Quality and reason; see ``code(_:_:)``.
    package var codes: [UInt16] = []

    /// No readings.
    package init() {}

    init(times: [Int64], values: [Double], codes: [UInt16]) {
        self.times = times
        self.values = values
        self.codes = codes
    }

    /// How many.
    package var count: Int { times.count }

    /// Quality in the low byte, reason in the high one; 0 for a good reading.
    @inline(__always)
    package static func code(_ quality: Quality, _ reason: Reason) -> UInt16 {
        UInt16(reason.rawValue) << 8 | UInt16(quality.rawValue)
    }

    /// Whether a reading with this code has a value.
    @inline(__always)
    package static func isUsable(_ code: UInt16) -> Bool { code & 0xFF != UInt16(Quality.bad.rawValue) }

    package mutating func reserveCapacity(_ count: Int) {
        times.reserveCapacity(count)
        values.reserveCapacity(count)
        codes.reserveCapacity(count)
    }

    package mutating func removeAll() {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        codes.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    package mutating func append(_ time: Int64, _ value: Double, _ code: UInt16) {
        times.append(time)
        values.append(value)
        codes.append(code)
    }

    package mutating func append(_ other: ReadingColumns, _ range: Range<Int>) {
        times.append(contentsOf: other.times[range])
        values.append(contentsOf: other.values[range])
        codes.append(contentsOf: other.codes[range])
    }

    /// The reading at an index.
    @inline(__always)
    package func reading(_ index: Int, of point: PointIndex) -> Reading {
        Reading(point, times[index], values[index], codes[index])
    }

    /// The first index whose time is at or after this one.
    package func index(from time: Int64) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The same columns for a stretch of indices.
    package func part(_ range: Range<Int>) -> ReadingColumns {
        ReadingColumns(times: Array(times[range]), values: Array(values[range]), codes: Array(codes[range]))
    }
}
