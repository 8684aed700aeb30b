/// How much an alert line matters; ordered `info < warning < minor < major < critical`.
package enum AlertSeverity: String, Sendable, Hashable, CaseIterable, Comparable {
    case info
    case warning
    case minor
    case major
    case critical

    package static func < (a: AlertSeverity, b: AlertSeverity) -> Bool { a.rank < b.rank }

    /// The severity of alerts about a nonconformity.
    package init(_ severity: Severity) {
        switch severity {
        case .minor: self = .minor
        case .major: self = .major
        case .critical: self = .critical
        }
    }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .minor: 2
        case .major: 3
        case .critical: 4
        }
    }
}
