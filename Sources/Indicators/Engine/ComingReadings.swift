import Metering

/// Readings that stand at the end of a stretch which begins with them, until time has come there (Rules 4).
struct ComingReadings {
    /// In the order in which they stand.
    private var readings: [(stands: Int64, reading: Reading)] = []

    /// When the next one stands.
    var next: Int64? { readings.first?.stands }

    /// Takes a reading that stands so many milliseconds after its time.
    mutating func take(_ reading: Reading, delay: Int64) {
        let stands = reading.time.milliseconds + delay
        var index = readings.endIndex
        while index > 0, readings[index - 1].stands > stands { index -= 1 }
        readings.insert((stands, reading), at: index)
    }

    /// Removes those that stand at an instant; each with its own time still.
    mutating func remove(standingAt time: Int64) -> [Reading] {
        let count = readings.prefix { $0.stands == time }.count
        defer { readings.removeFirst(count) }
        return readings.prefix(count).map(\.reading)
    }
}
