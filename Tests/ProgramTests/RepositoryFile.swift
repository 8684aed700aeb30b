import Foundation

/// Files of the repository.
enum RepositoryFile {
    /// The path of one below `Tests`.
    static func ofTests(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/" + name
    }
}
