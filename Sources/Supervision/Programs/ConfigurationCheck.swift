import PlantConfiguration

/// A configuration that nothing may start on.
package struct ConfigurationRefusal: Error, Sendable {
    /// Every finding, as `FILE:LINE:COLUMN: error: …`.
    package var findings: [String]

    /// A refusal for these findings.
    package init(findings: [String]) { self.findings = findings }
}

/// Reads configurations for people: every finding is said.
package enum ConfigurationCheck {
    /// The plant of a configuration, its warnings said on standard error.
    ///
    /// Throws a ``ConfigurationRefusal`` with all findings where there is an error.
    package static func load(_ path: String) throws -> Plant {
        let report = PlantLoader.load(path: path)
        guard let plant = report.plant, report.errors.isEmpty else {
            throw ConfigurationRefusal(findings: report.faults.map(\.description))
        }
        for warning in report.warnings { StandardStreams.complain(warning.description) }
        return plant
    }
}
