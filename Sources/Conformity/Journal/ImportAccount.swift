import Metering

/// Who took recorded readings in, why, and which stretch they are of.
package struct ImportAccount: Sendable, Hashable {
    package var by: String
    package var reason: String?
    /// The first reading that changed what is stored; nil where none did.
    package var first: Instant?
    /// The last one.
    package var last: Instant?

    /// An account.
    package init(by: String, reason: String?, first: Instant? = nil, last: Instant? = nil) {
        self.by = by
        self.reason = reason
        self.first = first
        self.last = last
    }
}
