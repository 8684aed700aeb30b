import Foundation

/// The path of the daemon's socket: who listens there, and what may use it.
package enum UnixSocket {
    /// Why nobody can be reached at the path, as an error number of the system; nil where somebody listens.
    package static func refusal(at path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? nil : errno
    }

    /// Makes room for a socket at the path: its directory is made, and what a dead daemon left there is removed.
    ///
    /// Throws a ``Complaint`` (73) where a daemon listens there, or something else stands there.
    static func prepare(_ path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard path.utf8.count < 108 else {
            throw Complaint(
                .cannotCreate,
                "the socket \(path) has a longer name than the system allows (107): choose a shorter api.socket")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Complaint(.cannotCreate, "\(path) is no socket: remove it, or choose another api.socket")
        }
        if refusal(at: path) == nil {
            throw Complaint(
                .cannotCreate, "another daemon listens at \(path): stop that one, or choose another api.socket")
        }
        guard unlink(path) == 0 else {
            throw Complaint(.cannotCreate, "the stale socket \(path) cannot be removed (\(SystemFault.text(errno)))")
        }
    }

    /// Lets the owner and the group `emsd`, where there is one, use the socket, and nobody else.
    static func restrict(_ path: String) {
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
