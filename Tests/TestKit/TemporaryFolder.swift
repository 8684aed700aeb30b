import Foundation

/// A folder that is gone after the test.
package final class TemporaryFolder: Sendable {
    /// Its path.
    package let path: String

    /// A new folder.
    package init() throws {
        path = NSTemporaryDirectory() + "emsd-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file.
    package func write(_ text: String, to name: String) throws {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    }

    /// What is in a file.
    package func text(of name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// The lines of a file that are ended.
    package func lines(of name: String) throws -> [String] {
        try text(of: name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
