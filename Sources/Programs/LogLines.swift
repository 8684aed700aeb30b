/// The daemon's log on standard error: each entry is one line there, whatever texts are in it.
package struct LogLines: TextOutputStream, Sendable {
    /// A log on standard error.
    package init() {}

    /// Writes one entry, which ends with a line break.
    package mutating func write(_ entry: String) {
        StandardStreams.complain(entry.hasSuffix("\n") ? String(entry.dropLast()) : entry)
    }
}
