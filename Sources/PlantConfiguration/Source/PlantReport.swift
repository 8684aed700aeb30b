/// What came of reading a configuration: the plant, or every fault that kept it from being one.
package struct PlantReport: Sendable {
    /// The checked plant; nil where there is an error.
    package var plant: Plant?
    /// Errors and warnings, by file (the configuration first), line and column.
    package var faults: [ConfigurationFault]

    /// A report.
    package init(plant: Plant?, faults: [ConfigurationFault]) {
        self.plant = plant
        self.faults = faults
    }

    /// The findings that stop everything.
    package var errors: [ConfigurationFault] { faults.filter { $0.severity == .error } }
    /// The findings that stop nothing.
    package var warnings: [ConfigurationFault] { faults.filter { $0.severity == .warning } }
}
