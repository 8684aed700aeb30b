import Foundation

/// Paths from the outside, in the one form that means the same everywhere.
///
/// Foundation takes a path that begins with `~` for one in a home directory in some calls and as it is written in others, so
/// that one and the same path led to two files: an absolute path has no such beginning.
package enum AbsolutePath {
    /// The path from the root; the path itself, with `./` before it, where there is no working directory.
    package static func of(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let directory = FileManager.default.currentDirectoryPath
        guard directory.hasPrefix("/") else { return "./" + path }
        return directory == "/" ? "/" + path : directory + "/" + path
    }
}
