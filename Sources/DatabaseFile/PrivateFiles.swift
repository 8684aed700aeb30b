import Foundation

/// The files of a state directory are their owner's alone: who may open the lock could lock it, and who may read the
/// database may change what others read of it.
package enum PrivateFiles {
    /// What a file that is being sent away is called while it is made; one that a kill left is removed at the start.
    package static let sendingPrefix = "emsd.sending-"

    /// Takes from everybody else what older versions left readable, and removes what a kill left half made.
    static func tighten(_ directory: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names {
            let path = directory + "/" + name
            if name.hasPrefix(sendingPrefix) { unlink(path) }
            guard
                ["emsd.db", "emsd.tail", "emsd.lock", "emsd.mark", "emsd.head"].contains(where: { name.hasPrefix($0) })
            else {
                continue
            }
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else {
                continue
            }
            chmod(path, status.st_mode & 0o600)
        }
    }

    /// Makes an empty file that is its owner's alone, where there is none; SQLite gives its log the same mode.
    package static func make(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }
}
