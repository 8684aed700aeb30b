import ConfigurationSource
import Conformity
import Indicators
import ManagementSystem
import Metering

/// A checked plant: everything a configuration file says, with every name resolved.
package struct Plant: Sendable {
    package struct Site: Sendable, Hashable {
        package var name: String
        /// IANA name of the zone.
        package var timezone: String
        /// Whether a reload must say why.
        package var isChangeControlled = false
    }

    package struct Storage: Sendable, Hashable {
        package enum Sync: String, Sendable, Hashable, CaseIterable {
            /// At most a second of readings is at risk when the power fails.
            case normal
            /// An fsync at each commit.
            case full
        }
        package var directory: String
        /// How long readings are kept, in milliseconds; nil: for ever.
        package var readingRetention: Int64?
        /// How long indicator values are kept, in milliseconds; nil: for ever.
        package var indicatorRetention: Int64?
        package var sync: Sync
        /// The floor below which the disk is low.
        package var keepFree = KeptSpace()
    }

    package struct AlertDestination: Sendable, Hashable {
        package enum Format: String, Sendable, Hashable, CaseIterable {
            case json
            case text
        }
        package var path: String
        package var format: Format
        /// `info`, `warning`, `minor`, `major` or `critical`: less severe lines are left out.
        package var minimum: AlertSeverity
    }

    package struct API: Sendable, Hashable {
        /// Path of the Unix socket.
        package var socket: String
        /// System users who may change nonconformities; root always may.
        package var operators: [String]
        /// Where it is served over TLS besides; nil: nowhere.
        package var remote: RemoteListener?
    }

    package var site: Site
    package var storage: Storage
    package var alerts: [AlertDestination]
    package var api: API
    /// `host:port` where OpenMetrics are served; nil: nowhere.
    package var metricsListen: String?
    /// `host:port` where the pages are served; nil: only on the socket.
    package var webListen: String?
    /// The systems that get the record.
    package var forward: [ForwardTarget] = []
    package var links: [LinkDefinition]
    package var meters: [MeterDefinition]
    package var plan: IndicatorPlan
    package var objectives: [ObjectiveDefinition]
    /// SHA-256 over the configuration file and the profiles it used, lower-case hex.
    package var digest: String
    /// The files it was read from, to be kept with what it computes.
    package var files: ConfigurationFiles
    /// By when people have to answer nonconformities.
    package var deadlines = Deadlines()
    /// What `was` says.
    package var was = FormerNames()
    /// What the management system keeps beside numbers.
    package var register = EnvironmentalRegister()
    /// Every definition as it was written.
    package var written: [WrittenDefinition] = []
}
