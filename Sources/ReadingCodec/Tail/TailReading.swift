import Metering

/// A reading as the tail keeps it: under the database's number of its point, which outlives changed plans.
package struct TailReading: Hashable {
    package var number: Int64
    /// Milliseconds since 1970, UTC.
    package var time: Int64
    /// Not a number where the reading is bad.
    package var value: Double
    /// See ``ReadingColumns/code(_:_:)``.
    package var code: UInt16

    package init(number: Int64, time: Int64, value: Double, code: UInt16) {
        self.number = number
        self.time = time
        self.value = value
        self.code = code
    }

    package init(_ reading: Reading, number: Int64) {
        self.number = number
        time = reading.time.milliseconds
        value = reading.value
        code = ReadingColumns.code(reading.quality, reading.reason)
    }
}
