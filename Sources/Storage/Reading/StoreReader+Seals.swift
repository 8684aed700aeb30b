import Metering

extension StoreReader {
    /// The hours whose readings or decisions are to be sealed in the journal, ascending, each as its stretch of time; and
    /// the stamp that says of what they know.
    package final func sealsDue() throws -> (hours: [Window], stamp: Int64) {
        let stamp = try integer("SELECT max(stamp) FROM seal_due") ?? 0
        return try with("SELECT hour FROM seal_due ORDER BY hour") { statement in
            var hours: [Window] = []
            while try statement.step() {
                let start = Instant(milliseconds: statement.int64(0) * 3_600_000)
                hours.append(Window(start: start, end: start + 3_600_000))
            }
            return (hours, stamp)
        }
    }

    /// Before when readings were deleted by rule, by retention or on a full disk; nil: none were, since that is noted.
    package final func readingsDeletedUpTo() throws -> Instant? {
        try integer("SELECT value FROM meta WHERE key = 'deleted_up_to'").map(Instant.init(milliseconds:))
    }

    static func hour(_ milliseconds: Int64) -> Int64 {
        milliseconds >= 0 ? milliseconds / 3_600_000 : (milliseconds - 3_599_999) / 3_600_000
    }
}
