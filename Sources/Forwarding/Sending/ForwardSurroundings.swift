import Conformity
import Metering
import SignedNotes

/// What a sender needs of the daemon around it.
package struct ForwardSurroundings: Sendable {
    /// News for the people on duty, and for the journal.
    package struct News: Sendable, Hashable {
        /// `forward_lag`, `forward_rejected`, `forward_denied` or `witness_refused`.
        package var event: String
        package var severity: AlertSeverity
        package var message: String
        package var details: [CanonicalJSON.Member]
    }

    /// The time by which the plant's events are dated; nil while the clock cannot be believed, when nothing leaves.
    package var now: @Sendable () -> Instant?
    /// What is told of the site.
    package var site: @Sendable () -> ForwardedSite
    /// Takes news.
    package var tell: @Sendable (News) -> Void
    /// Puts on record what a witness said of a head of this site.
    package var keep: @Sendable (SignedNote) throws -> Void
    /// Logs a line.
    package var log: @Sendable (String) -> Void

    /// The surroundings.
    package init(
        now: @escaping @Sendable () -> Instant?, site: @escaping @Sendable () -> ForwardedSite,
        tell: @escaping @Sendable (News) -> Void, keep: @escaping @Sendable (SignedNote) throws -> Void,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.now = now
        self.site = site
        self.tell = tell
        self.keep = keep
        self.log = log
    }
}
