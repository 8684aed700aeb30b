import Foundation

/// Files that are replaced whole: after a loss of power there is the old one or the new one, never half of either.
///
/// ```
/// try DurableFile.replace("/var/lib/emsd/head", with: Array(note.utf8))
/// ```
package enum DurableFile {
    /// Puts bytes in the place of the file at `path`, on the disk when it returns; it is its owner's alone.
    ///
    /// Throws an ``Failure`` that says which call failed; the old file is untouched then.
    package static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: mode_t = 0o600) throws {
        let fresh = path + ".new"
        unlink(fresh)
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(path: fresh, cause: errno) }
        do {
            defer { close(descriptor) }
            try write(Array(bytes), to: descriptor, fresh)
            // The mode is not cut by the mask of whoever called.
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
                throw Failure(path: fresh, cause: errno)
            }
        } catch {
            unlink(fresh)
            throw error
        }
        guard rename(fresh, path) == 0 else {
            let cause = errno
            unlink(fresh)
            throw Failure(path: path, cause: cause)
        }
        let directory = (path as NSString).deletingLastPathComponent
        let handle = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw Failure(path: directory, cause: errno) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw Failure(path: directory, cause: errno) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Failure(path: path, cause: written < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(written)
        }
    }

    /// A file that could not be written.
    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        /// The number of the system's error.
        package let cause: Int32

        package var description: String { "\(path) cannot be written: \(SystemFault.text(cause))" }
    }
}
