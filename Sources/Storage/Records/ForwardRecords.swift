import Metering

/// How far one target has one stream of the record, in the order of recording.
package struct ForwardCursor: Sendable, Hashable {
    /// The name of the target in the configuration.
    package var target: String
    /// `readings`, `windows`, `verdicts`, `nonconformities`, `journal`.
    package var stream: String
    /// Of readings the last chunk, of windows and verdicts the last line of the log of recording, of all else the last line of
    /// the journal.
    package var first: Int64
    /// Of readings the last hot row.
    package var second: Int64 = 0
    /// How far windows from before the log have come; nil: all are there.
    package var past: (thing: Int64, end: Int64)?
    /// What is earlier is not wanted.
    package var since: Instant
    /// Lines that were acknowledged.
    package var lines: Int = 0
    /// When the target acknowledged something last.
    package var acknowledged: Instant?

    /// A cursor at the beginning.
    package init(target: String, stream: String, first: Int64 = 0, since: Instant) {
        self.target = target
        self.stream = stream
        self.first = first
        self.since = since
    }

    package static func == (one: ForwardCursor, other: ForwardCursor) -> Bool {
        one.target == other.target && one.stream == other.stream && one.first == other.first
            && one.second == other.second && one.past?.thing == other.past?.thing && one.past?.end == other.past?.end
            && one.since == other.since && one.lines == other.lines && one.acknowledged == other.acknowledged
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(target)
        hasher.combine(stream)
        hasher.combine(first)
        hasher.combine(second)
    }
}
