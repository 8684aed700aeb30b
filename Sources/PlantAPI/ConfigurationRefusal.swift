/// A configuration that nothing may start on.
package struct ConfigurationRefusal: Error, Sendable {
    /// Every finding, as `FILE:LINE:COLUMN: error: …`.
    package var findings: [String]

    /// A refusal for these findings.
    package init(findings: [String]) { self.findings = findings }
}
