import RecordStream
import Storage

/// The newest readings on their way to a target, before the database has them; what does not fit is sent from there later.
struct LiveReadings {
    /// So many wait at most: half a megabyte.
    private static let most = 20_000
    /// So many are remembered as sent: 2 MB.
    private static let mostSent = 200_000

    private var waiting: [NumberedReading] = []
    private var sent: Set<Int> = []

    /// Whether some wait.
    var isEmpty: Bool { waiting.isEmpty }

    /// Takes readings that have just come in.
    mutating func take(_ readings: [NumberedReading]) {
        waiting += readings
        if waiting.count > LiveReadings.most { waiting.removeFirst(waiting.count - LiveReadings.most) }
    }

    /// The newest of those that wait, at most so many; the older ones are left to the database.
    mutating func next(_ count: Int) -> [NumberedReading] {
        defer { waiting.removeAll(keepingCapacity: waiting.count < 2000) }
        return waiting.suffix(count)
    }

    /// Remembers what the target has.
    mutating func noteSent(_ readings: [NumberedReading]) {
        guard sent.count + readings.count <= LiveReadings.mostSent else { return }
        for reading in readings { sent.insert(reading.hashValue) }
    }

    /// Those of some stored readings that the target has not got yet.
    mutating func unsent(_ readings: [NumberedReading]) -> [NumberedReading] {
        if sent.isEmpty { return readings }
        return readings.filter { sent.remove($0.hashValue) == nil }
    }

    /// Forgets all: the target has lost it.
    mutating func forget() { sent.removeAll() }
}
