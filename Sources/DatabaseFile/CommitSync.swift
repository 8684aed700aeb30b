/// What a loss of power may cost; a killed process loses nothing that was committed.
package enum CommitSync: Sendable, Hashable {
    /// The last second: commits reach the disk together, once a second, and so does the tail (`ReadingTail`).
    case normal
    /// Nothing: an fsync at each commit.
    case full
}
