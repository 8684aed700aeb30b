/// What the daemon says about a request that it does not fulfil: `application/problem+json`.
package struct ProblemDocument: Sendable, Hashable, Codable {
    /// What is wrong, a sentence.
    package var detail: String
    /// The status with which a program should end; nil where the answer is none of ours.
    package var exit: Int32?
    /// Every finding about a configuration that was refused.
    package var findings: [String]?

    /// A document.
    package init(detail: String, exit: Int32?, findings: [String]? = nil) {
        self.detail = detail
        self.exit = exit
        self.findings = findings
    }
}
