/// Why a file cannot be read, or read on.
package struct FileFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's path.
    package var file: String
    /// One sentence without its subject, the file, and without a full stop.
    package var message: String
    /// Whether what is in the file is at fault, and not the reading of it.
    package var isContent: Bool

    /// The sentence with its subject.
    package var description: String { "\(file) \(message)" }
}
