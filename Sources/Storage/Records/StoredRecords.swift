import Metering

/// One line of the journal as it is stored; the chain is made and checked by Conformity.
package struct JournalRecord: Sendable, Hashable {
    /// 1 for the first line, growing by one.
    package var seq: Int
    package var time: Instant
    /// Canonical JSON.
    package var line: String
    /// SHA-256 over the previous hash and the line, 64 lower-case hex digits.
    package var hash: String

    /// A line with its place in the chain.
    package init(seq: Int, time: Instant, line: String, hash: String) {
        self.seq = seq
        self.time = time
        self.line = line
        self.hash = hash
    }
}

/// One step that a person took with a nonconformity.
package struct LifecycleRecord: Sendable, Hashable {
    /// The number of the nonconformity.
    package var nonconformity: String
    /// 1 for its first step; given by the store.
    package var seq: Int
    package var time: Instant
    /// The user who took it.
    package var who: String
    /// `ack`, `cause`, `action`, `done`, `verify`, `close`, `reject`, `comment`.
    package var step: String
    /// What was said with it, as a JSON object.
    package var details: String

    /// A step.
    package init(nonconformity: String, seq: Int = 0, time: Instant, who: String, step: String, details: String = "{}")
    {
        self.nonconformity = nonconformity
        self.seq = seq
        self.time = time
        self.who = who
        self.step = step
        self.details = details
    }
}

/// One alert in the outbox.
package struct AlertRecord: Sendable, Hashable {
    /// Grows by one from 1 over all alerts; the `seq` of a line in a file is that file's own.
    package var seq: Int
    package var time: Instant
    /// `info`, `warning`, `minor`, `major` or `critical`.
    package var severity: String
    /// The JSON object of the line without its `seq`.
    package var json: String
    /// The line for a text file.
    package var text: String

    /// An alert.
    package init(seq: Int = 0, time: Instant, severity: String, json: String, text: String) {
        self.seq = seq
        self.time = time
        self.severity = severity
        self.json = json
        self.text = text
    }
}

/// How far the alerts have come into one file.
package struct AlertDelivery: Sendable, Hashable {
    /// The configured path.
    package var path: String
    /// The outbox's last alert that is dealt with for this path: on disk in the file, or left out as too unimportant.
    package var delivered: Int
    /// The last `seq` written to this path.
    package var lines: Int
    /// Device and inode of the file that holds the last line.
    package var device: Int64
    package var inode: Int64
    /// Bytes of that file up to the end of the last line.
    package var offset: Int64

    /// The state of a path; nothing delivered yet by default.
    package init(
        path: String, delivered: Int = 0, lines: Int = 0, device: Int64 = 0, inode: Int64 = 0, offset: Int64 = 0
    ) {
        self.path = path
        self.delivered = delivered
        self.lines = lines
        self.device = device
        self.inode = inode
        self.offset = offset
    }
}

/// Count, extremes and sum of a point's readings over a stretch.
package struct ReadingSummary: Sendable, Hashable {
    package var window: Window
    /// Readings, bad ones included.
    package var count: Int
    /// Good and uncertain readings.
    package var usable: Int
    /// Of the usable readings; nil where there is none.
    package var minimum: Double?
    package var maximum: Double?
    /// The sum of the usable readings' values.
    package var sum: Double

    /// A stretch without readings.
    package init(window: Window) {
        self.window = window
        count = 0
        usable = 0
        sum = 0
    }

    /// The arithmetic mean of the usable readings; nil where there is none.
    package var mean: Double? { usable > 0 ? sum / Double(usable) : nil }
}

/// What one step of tidying did.
package struct TidyReport: Sendable, Hashable {
    /// Chunks of readings deleted because they were older than the retention.
    package var chunksDropped: Int = 0
    /// How many readings of those a forward target had not got, by target.
    package var unsent: [String: Int] = [:]
    /// Rows of indicator values and verdicts deleted because they were older than the retention.
    package var valuesDropped: Int = 0
    /// Small chunks joined to larger ones.
    package var chunksJoined: Int = 0
    /// Pages given back to the file system.
    package var pagesFreed: Int = 0

    /// Whether nothing was left to do.
    package var isDone = true

    /// Nothing done.
    package init() {}
}
