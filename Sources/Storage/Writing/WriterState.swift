/// What the writer remembers between transactions so that it need not ask; forgotten whenever a transaction fails.
///
/// `@unchecked Sendable`: only touched inside write transactions, which the database runs one at a time.
final class WriterState: @unchecked Sendable {
    /// The last verdict of each objective, by the database's number.
    var verdicts: [Int64: (end: Int64, memory: [UInt8])] = [:]
    /// What is known of the stored readings; nil: to be asked.
    var readings: ReadingsState?
    /// The record's begin as it is noted; nil: to be asked.
    var recordStart: Int64?
    /// Until when the readings are sealed in the journal, or waiting for it; nil: to be asked.
    var sealedUntil: Int64?
    /// The last block of the tail that is noted; nil: to be noted anew.
    var tail: Int64?
    /// The newest chunk at the time when there was nothing left to join; nil: to be found out.
    var joinedUpTo: Int64?
    /// The point after which the search for something to join goes on.
    var joinCursor: Int64 = 0

    /// The number of the next chunk; nil: to be asked.
    var nextChunk: Int64?
    /// The number of the next hot row; nil: to be asked.
    var nextHotRow: Int64?
    /// The next stamp of an hour that is to be sealed; nil: to be asked.
    var nextSealStamp: Int64?
    /// Whether a target waits for windows and verdicts, so that their order of recording is kept; nil: to be asked.
    var logsWindows: Bool?

    /// What the writer knows of the stored readings.
    struct ReadingsState {
        /// The newest stored time by the database's number of the point.
        var newest: [Int64: Int64] = [:]
        /// Hot rows that are being sealed; the figures below are of those after them.
        var sealing: Sealing?
        /// Readings in hot rows.
        var hotCount = 0
        /// Readings in hot rows by the database's number of the point, and the largest of them.
        var hotCounts: [Int64: Int] = [:]
        var largestHotCount = 0
        /// The earliest and latest time in hot rows.
        var hotFirst = Int64.max
        var hotLast = Int64.min

        mutating func countHot(_ point: Int64, _ time: Int64) {
            let count = (hotCounts[point] ?? 0) + 1
            hotCounts[point] = count
            largestHotCount = max(largestHotCount, count)
            hotFirst = min(hotFirst, time)
            hotLast = max(hotLast, time)
            hotCount += 1
        }

        mutating func clearHot() {
            hotCount = 0
            hotCounts.removeAll(keepingCapacity: true)
            largestHotCount = 0
            hotFirst = .max
            hotLast = .min
        }
    }

    /// Forgets everything.
    func forget() {
        verdicts.removeAll()
        readings = nil
        recordStart = nil
        sealedUntil = nil
        tail = nil
        joinedUpTo = nil
        joinCursor = 0
        nextChunk = nil
        nextHotRow = nil
        nextSealStamp = nil
        logsWindows = nil
    }
}
