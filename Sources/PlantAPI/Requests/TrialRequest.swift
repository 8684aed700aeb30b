/// Which objectives are tried over the record: the body of `POST /v1/test-objective`.
package struct TrialRequest: Sendable, Hashable, Codable {
    /// An objective of the configuration in force; nil: those of ``text``.
    package var name: String?
    /// Definitions that are added to the configuration in force, or a whole configuration.
    package var text: String?
    /// Where they were read, for messages.
    package var path: String?
    package var since: String?
    package var until: String?

    /// A trial of an objective in force, or of those in a text.
    package init(
        name: String? = nil, text: String? = nil, path: String? = nil, since: String? = nil, until: String? = nil
    ) {
        (self.name, self.text, self.path, self.since, self.until) = (name, text, path, since, until)
    }
}
