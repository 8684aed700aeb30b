import Foundation

/// The blocks of the tail that are not on the disk yet, in memory that outlives the process: a file on a tmpfs.
///
/// Killed, nothing is lost that was put here; with the power it is gone. Where there is no such memory, a file beside
/// the tail does, which the kernel brings to the disk now and then.
package final class TailMirror {
    /// Blocks that may wait here.
    package static let slots = 64

    private let descriptor: Int32
    private let path: String

    /// Opens the mirror at the first of the paths where that is possible; nil where it is nowhere.
    package init?(paths: [String]) {
        for path in paths {
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { continue }
            // Everybody may write in /dev/shm: what somebody else put there is not ours.
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
                status.st_mode & 0o077 == 0
            {
                // Nor is it longer than ours would be, or nobody would read it.
                if status.st_size > TailMirror.slots * 4096 { _ = ftruncate(descriptor, 0) }
                self.descriptor = descriptor
                self.path = path
                return
            }
            close(descriptor)
        }
        return nil
    }

    deinit { close(descriptor) }

    /// Puts a block in its place; a kill finds it there as it was before or as it is now.
    package func put(_ image: [UInt8], _ sequence: Int64) -> Bool {
        let place = off_t(sequence % Int64(TailMirror.slots)) * off_t(image.count)
        return pwrite(descriptor, image, image.count, place) == image.count
    }

    /// Whether somebody has taken it away, as a system does that cleans up after a user who logs out.
    package var isGone: Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) != 0 || lstat(path, &named) != 0 || named.st_ino != opened.st_ino
            || named.st_dev != opened.st_dev
    }

    /// Removes it: there is nothing that waits.
    package func remove() { unlink(path) }
}
