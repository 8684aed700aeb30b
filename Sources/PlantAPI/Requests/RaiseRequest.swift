import Conformity

/// What a person raises as a nonconformity: the body of `POST /v1/nonconformities`.
package struct RaiseRequest: Sendable, Hashable, Codable {
    /// What is wrong, in one line; nil where the objective's title says it.
    package var title: String?
    /// The objective that it is about.
    package var objective: String?
    /// Where it comes from; nil: ``RaisedFinding/Source/other``.
    package var source: RaisedFinding.Source?
    /// `minor`, `major` or `critical`; nil: the objective's, or `minor`.
    package var severity: String?
    /// The requirement that was not kept; nil: the objective's.
    package var reference: String?
    /// Who answers for it; nil: who does for the objective.
    package var responsible: String?
    /// Where it is, as the meters' `area` names it.
    package var area: String?
    /// Since when, written like `--since`; nil: now.
    package var since: String?
    /// Until when, written like `--until`; nil: now.
    package var until: String?
    /// It lasts until somebody clears it; nil: it is over.
    package var ongoing: Bool?
    /// What was found.
    package var text: String
    /// Evidence files by their SHA-256.
    package var evidence: [String]?
    /// The names of those files, in the same order.
    package var files: [String]?

    /// A finding in words.
    package init(text: String) { self.text = text }
}
