import Metering
import SignedNotes

/// A system elsewhere that gets the record: a store of series, a register at head office, a broker.
package struct ForwardTarget: Sendable, Hashable {
    /// What it speaks.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// InfluxDB line protocol over HTTP.
        case influx
        case postgresql
        /// Sparkplug B over MQTT.
        case sparkplug
    }

    /// A part of the record.
    package enum Stream: String, Sendable, Hashable, CaseIterable {
        case readings, windows, verdicts, nonconformities, journal
    }

    package var name: String
    package var kind: Kind
    package var url: String
    /// What the site is called there.
    package var site: String
    package var streams: [Stream]
    /// What is earlier is not sent; nil: everything is.
    package var since: Instant?
    /// Sent as `Authorization: Token …` (influx).
    package var token: SecretPlace?
    package var user: String?
    package var password: SecretPlace?
    /// The certificates that are believed instead of the system's, in PEM.
    package var authority: String?
    /// The own certificate and its key, in PEM.
    package var certificate: String?
    package var key: SecretPlace?
    /// Whether a second value of a point and time replaces the first (influx).
    package var replaces = false
    /// The schema of the tables (postgresql).
    package var schema = "emsd"
    /// Whose cosignatures of the site's heads are taken from there (postgresql); none: nobody's.
    package var witnesses: [VerifierKey] = []
    /// Group and edge of the topics (sparkplug).
    package var group = ""
    package var edge = ""
    /// Milliseconds behind which it is an alert.
    package var alertAfter: Int64 = 3_600_000
    /// The most bytes in a day; nil: as many as there are.
    package var bytesADay: Int64?
}
