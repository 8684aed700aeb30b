import Foundation

/// A directory of a test's own, removed with it.
final class TemporaryPlace: Sendable {
    let path = "/tmp/emsd-test-\(UUID().uuidString.prefix(8))"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in it.
    func at(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file into it and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: at(name), atomically: true, encoding: .utf8)
        return at(name)
    }

    /// The text of a file in it; empty where there is none.
    func read(_ name: String) -> String { (try? String(contentsOfFile: at(name), encoding: .utf8)) ?? "" }

    /// A file of the repository, by its path below `Tests`.
    static func ofTests(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/" + name
    }
}
