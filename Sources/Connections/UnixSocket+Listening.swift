import Foundation
import PlantAPI
import Platform

extension UnixSocket {
    /// Makes room for a socket at the path: its directory is made, and what a dead daemon left there is removed.
    ///
    /// Throws a ``CommandError`` (73) where a daemon listens there, or something else stands there.
    package static func prepare(_ path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard path.utf8.count < 108 else {
            throw CommandError(
                .cannotCreate,
                "the socket \(path) has a longer name than the system allows (107): choose a shorter api.socket")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw CommandError(.cannotCreate, "\(path) is no socket: remove it, or choose another api.socket")
        }
        if refusal(at: path) == nil {
            throw CommandError(
                .cannotCreate, "another daemon listens at \(path): stop that one, or choose another api.socket")
        }
        guard unlink(path) == 0 else {
            throw CommandError(.cannotCreate, "the stale socket \(path) cannot be removed (\(SystemFault.text(errno)))")
        }
    }

    /// Lets the owner and the group `emsd`, where there is one, use the socket, and nobody else.
    package static func restrict(_ path: String) {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        if getgrnam_r("emsd", &entry, &buffer, buffer.count, &found) == 0, found != nil {
            // Only root and members may do this; for others the socket is theirs alone.
            _ = chown(path, uid_t.max, entry.gr_gid)
        }
        chmod(path, 0o660)
    }
}
