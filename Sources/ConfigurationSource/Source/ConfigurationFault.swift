import Conformity

/// One finding about a configuration: what is wrong, and where.
package struct ConfigurationFault: Error, Sendable, Hashable {
    /// Whether a finding stops everything or nothing.
    package enum Severity: String, Sendable, Hashable {
        /// Nothing starts on a configuration with one of these.
        case error
        /// Stops nothing.
        case warning
    }

    /// The path as it was given; of a profile, the path where it was found.
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in characters (Unicode scalars).
    package var column: Int
    /// Printed before the message.
    package var severity: Severity
    /// One sentence without a full stop.
    package var message: String

    /// A finding at a place.
    package init(file: String, line: Int, column: Int, severity: Severity, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.severity = severity
        self.message = message
    }
}

extension ConfigurationFault: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: error: what is wrong`, as it is printed.
    package var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(message)" }
}
