import Foundation

/// A folder of a test's own that is gone after the test.
///
/// ```
/// let folder = try TemporaryFolder()
/// let path = try folder.write("emsd.yaml", "site: {name: Works}\n")
/// ```
package final class TemporaryFolder: Sendable {
    /// Its path: short, for a socket in it must have room for its name.
    package let path: String

    /// A new folder.
    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/emsd-test-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { path + "/" + name }

    /// The names of what is in it, sorted.
    package var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    /// Writes a file, whose path it returns. It takes the place of an old one as a whole; `inPlace` writes into that instead.
    @discardableResult
    package func write(_ name: String, _ text: String, inPlace: Bool = false) throws -> String {
        try text.write(toFile: file(name), atomically: !inPlace, encoding: .utf8)
        return file(name)
    }

    /// The text of a file.
    package func text(of name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// The text of a file; empty where there is none.
    package func read(_ name: String) -> String { (try? text(of: name)) ?? "" }

    /// The lines of a file that are ended.
    package func lines(of name: String) throws -> [String] {
        try text(of: name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
