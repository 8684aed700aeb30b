import Metering

/// A check of a meter against a reference, as somebody entered it.
package struct CalibrationRecord: Codable, Hashable, Sendable {
    /// Whether it still measured right when it was found, before anything was adjusted.
    package enum Found: String, Codable, Hashable, Sendable, CaseIterable {
        case pass, fail
    }

    package var meter: String
    /// When it was checked, in milliseconds since 1970.
    package var date: Int64
    /// When the next check is due, in milliseconds since 1970.
    package var due: Int64?
    /// The name of the certificate's file.
    package var certificate: String?
    /// SHA-256 of that file.
    package var digest: String?
    package var asFound: Found
    /// Who entered it.
    package var by: String
    /// When, in milliseconds since 1970.
    package var at: Int64

    /// A check.
    package init(
        meter: String, date: Instant, due: Instant?, certificate: String?, digest: String?, asFound: Found, by: String,
        at: Instant
    ) {
        (self.meter, self.date, self.due) = (meter, date.milliseconds, due?.milliseconds)
        (self.certificate, self.digest, self.asFound) = (certificate, digest, asFound)
        (self.by, self.at) = (by, at.milliseconds)
    }
}
