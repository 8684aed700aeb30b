import ConfigurationSource

/// What came of reading a configuration: the plant, or every fault that kept it from being one.
package struct PlantReport: Sendable {
    /// The checked plant; nil where there is an error.
    package var plant: Plant?
    /// Errors and warnings, by file (the configuration first), line and column.
    package var faults: [ConfigurationFault]

    /// The place of each link's name, for what only shows once the whole plant is known.
    private let linkMarks: [String: SourceMark]

    /// A report.
    init(plant: Plant?, faults: [ConfigurationFault], linkMarks: [String: SourceMark] = [:]) {
        self.plant = plant
        self.faults = faults
        self.linkMarks = linkMarks
    }

    /// Adds a warning about a link.
    package mutating func warn(ofLink link: String, _ message: String) {
        guard let mark = linkMarks[link] else { return }
        let warning = ConfigurationFault(
            file: mark.source.path, line: mark.line, column: mark.column, severity: .warning, message: message)
        let place = faults.firstIndex {
            $0.file != warning.file || ($0.line, $0.column) > (warning.line, warning.column)
        }
        faults.insert(warning, at: place ?? faults.endIndex)
    }

    /// The findings that stop everything.
    package var errors: [ConfigurationFault] { faults.filter { $0.severity == .error } }
    /// The findings that stop nothing.
    package var warnings: [ConfigurationFault] { faults.filter { $0.severity == .warning } }
}
