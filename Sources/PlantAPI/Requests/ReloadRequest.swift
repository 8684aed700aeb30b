/// What a reload is to do: the body of `POST /v1/reload`; none: a reload without a reason.
package struct ReloadRequest: Sendable, Hashable, Codable {
    /// Why; it stands in the journal.
    package var reason: String?
    /// Whether it only says what it would do.
    package var isDryRun: Bool?

    /// A reload.
    package init(reason: String? = nil, isDryRun: Bool? = nil) {
        self.reason = reason
        self.isDryRun = isDryRun
    }
}

/// What a reload did, or would do.
package struct ReloadAnswer: Sendable, Hashable, Codable {
    /// The configuration's warnings, a line each.
    package var warnings: String
    /// What differs, a line each.
    package var report: String

    /// An answer.
    package init(warnings: String, report: String) {
        self.warnings = warnings
        self.report = report
    }
}
