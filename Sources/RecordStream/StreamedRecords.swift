import Metering

/// A reading by the database's number of its point, which a changed configuration does not change.
package struct NumberedReading: Sendable, Hashable {
    package var point: Int64
    package var time: Instant
    /// Not a number for a bad reading.
    package var value: Double
    package var quality: Quality
    package var reason: Reason

    /// A reading.
    package init(point: Int64, time: Instant, value: Double, quality: Quality, reason: Reason) {
        self.point = point
        self.time = time
        self.value = value
        self.quality = quality
        self.reason = reason
    }

    /// Two that say the same of the same point and time are one.
    package static func == (one: NumberedReading, other: NumberedReading) -> Bool {
        one.point == other.point && one.time == other.time && one.value.bitPattern == other.value.bitPattern
            && one.quality == other.quality && one.reason == other.reason
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(point)
        hasher.combine(time.milliseconds)
        hasher.combine(value.bitPattern)
        hasher.combine(quality)
        hasher.combine(reason.rawValue)
    }
}

/// One revision of a closed window's value, with the names of then.
package struct RecordedWindow: Sendable, Hashable {
    package var indicator: String
    package var unit: String?
    package var window: Window
    package var value: Double?
    /// 0 valid, 1 insufficient, 2 undefined.
    package var status: Int
    package var coverage: Double
    package var flags: Int
    package var revision: Int
}

/// The verdict about a window as it stands; `revision` is that of the value it judges.
package struct RecordedVerdict: Sendable, Hashable {
    package var objective: String
    package var unit: String?
    package var window: Window
    /// 0 met, 1 warning, 2 not met, 3 not evaluable; nil: a revision found that the window is not judged.
    package var verdict: Int?
    package var value: Double?
    package var bound: Double?
    package var revision: Int
}

/// A nonconformity as it stands, without its evidence.
package struct RecordedNonconformity: Sendable, Hashable {
    package var id: String
    package var objective: String
    package var title: String?
    package var severity: String
    package var state: String
    package var condition: String
    package var onset: Instant
    package var raisedAt: Instant
    package var clearedAt: Instant?
    package var peak: Double?
    package var bound: Double?
    package var unit: String?
    package var recurrenceOf: String?
}
