import Metering

/// An event for the journal, before it has its place in the chain (Rules 11).
package struct JournalEntry: Sendable, Hashable {
    /// What happened, e.g. `nc.opened`.
    package var type: String
    /// When it was written: the wall clock live, the readings' clock in a replay.
    package var time: Instant
    /// What else is to be known, in the order written.
    package var members: [CanonicalJSON.Member]

    /// An event at a time.
    package init(_ type: String, at time: Instant, _ members: [CanonicalJSON.Member] = []) {
        self.type = type
        self.time = time
        self.members = members
    }

    /// The line of the event at that place: `{"seq":…,"type":…,"time":…, …}`.
    package func text(sequence: Int) -> String {
        let head: [CanonicalJSON.Member] = [
            .init("seq", .integer(sequence)), .init("type", .text(type)), .init("time", .text(time.text)),
        ]
        return CanonicalJSON.object(head + members).canonicalText
    }
}
