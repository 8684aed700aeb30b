import Foundation

extension AlertAppender {
    /// Looks whether the file can be written, without touching it: what could not be told is known before it has to be.
    ///
    /// Throws an ``AlertFileFault`` where it cannot be opened, or where it is not there and its directory takes no file.
    static func look(at path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        let code = errno
        guard code == ENOENT else { throw AlertFileFault(path, cannot: "opened", code) }
        // Missing directories are made with the first line; the nearest one that is there decides.
        var directory = path
        repeat {
            directory = directory.contains("/") ? (directory as NSString).deletingLastPathComponent : "."
            if directory.isEmpty { directory = "." }
            if access(directory, W_OK | X_OK) == 0 { return }
        } while errno == ENOENT && directory != "/" && directory != "."
        throw AlertFileFault(path, cannot: "made", errno)
    }
}
