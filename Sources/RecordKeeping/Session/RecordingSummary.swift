/// What a recorder did since it started.
package struct RecordingSummary: Sendable, Hashable, Codable {
    /// Readings that changed what is stored.
    package var readings = 0
    /// Windows closed.
    package var windows = 0
    /// Windows judged.
    package var judged = 0
    /// Nonconformities raised.
    package var nonconformities = 0
    /// Alert lines put into the outbox.
    package var alerts = 0
    /// Values that replaced one.
    package var revisions = 0

    /// Nothing.
    package init() {}
}

extension RecordingSummary {
    /// Adds what one transaction did.
    package mutating func add(_ other: RecordingSummary) {
        readings += other.readings
        windows += other.windows
        judged += other.judged
        nonconformities += other.nonconformities
        alerts += other.alerts
        revisions += other.revisions
    }
}
