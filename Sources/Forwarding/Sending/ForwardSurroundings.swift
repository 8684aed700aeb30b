import Conformity
import Metering

/// What a sender needs of the daemon around it.
package struct ForwardSurroundings: Sendable {
    /// News for the people on duty, and for the journal.
    package struct News: Sendable, Hashable {
        /// `forward_lag` or `forward_rejected`.
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
    /// Logs a line.
    package var log: @Sendable (String) -> Void

    /// The surroundings.
    package init(
        now: @escaping @Sendable () -> Instant?, site: @escaping @Sendable () -> ForwardedSite,
        tell: @escaping @Sendable (News) -> Void, log: @escaping @Sendable (String) -> Void
    ) {
        self.now = now
        self.site = site
        self.tell = tell
        self.log = log
    }
}
