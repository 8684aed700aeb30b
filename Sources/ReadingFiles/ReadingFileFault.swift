import Platform

/// What is wrong with a file of readings, or with one row of it.
package struct ReadingFileFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// From 1, the header included; nil where it is about the file.
    package var line: Int?
    /// One sentence without a full stop.
    package var message: String
    /// Whether the data is at fault (exit code 65), and not the reading of it (74).
    package var isInput: Bool

    package var description: String {
        line.map { "\(file):\($0): error: \(message)" } ?? "\(file): error: \(message)"
    }
}

extension ReadingFileFault {
    /// The fault of a file as a file.
    package init(_ fault: FileFault) {
        self.init(file: fault.file, line: nil, message: fault.message, isInput: fault.isContent)
    }
}
