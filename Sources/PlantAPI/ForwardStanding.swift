import Metering

/// How one target stands with one stream of the record, at one moment.
package struct ForwardStanding: Sendable, Hashable {
    package var target: String
    package var kind: String
    package var stream: String
    /// When it acknowledged something last; nil: never.
    package var acknowledged: Instant?
    /// Lines acknowledged since the target was configured.
    package var lines: Int
    /// Lines that it has not got, about.
    package var waiting: Int
    /// How old the oldest of them is, in milliseconds; nil where that is not known.
    package var lag: Int64?
    /// Lines a second over the last minute.
    package var rate: Double?
    /// Lines of the target that it refuses for good; they are kept.
    package var rejected: Int
    /// When the next try is due after a failure; nil: nothing failed.
    package var nextTry: Instant?
    /// Why the last try failed, as a sentence; nil: it did not.
    package var fault: String?

    /// A standing.
    package init(target: String, kind: String, stream: String, lines: Int, waiting: Int, rejected: Int) {
        self.target = target
        self.kind = kind
        self.stream = stream
        self.lines = lines
        self.waiting = waiting
        self.rejected = rejected
    }
}
