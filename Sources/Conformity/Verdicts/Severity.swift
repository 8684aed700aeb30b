/// How bad a nonconformity is; ordered `minor < major < critical`.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
    case minor
    case major
    case critical

    package static func < (a: Severity, b: Severity) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}
