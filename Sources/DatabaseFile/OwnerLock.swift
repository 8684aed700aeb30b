import Foundation
import Platform

/// The lock of a state directory: one process owns it at a time, and the kernel ends the ownership with the process.
package final class OwnerLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock in `path`, making the file where it is missing.
    package static func take(_ path: String) throws(StoreFault) -> OwnerLock {
        // Who may open it may lock it: nobody but the owner.
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = errno
            throw StoreFault(
                cause == EACCES || cause == EPERM ? .notPermitted : .cannotCreate,
                "the lock file \(path) cannot be made (\(SystemFault.text(cause))): "
                    + "check owner, mode and space of its directory")
        }
        // A reader that looks whether a daemon lives holds the lock for some microseconds.
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            tries += 1
            if tries <= 5 {
                usleep(10_000)
                continue
            }
            let owner = OwnerLock.owner(descriptor)
            close(descriptor)
            throw StoreFault(
                .inUse,
                "the state directory of \(path) is in use by another daemon\(owner): "
                    + "stop that one, or choose another directory"
            )
        }
        let line = Array("\(getpid())\n".utf8)
        // The number only helps whoever meets the lock; the lock holds without it.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
        return OwnerLock(descriptor: descriptor)
    }

    /// Whether some process holds the lock in `path` now.
    package static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    private static func owner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let process = Int(String(decoding: bytes.prefix(count), as: UTF8.self).filter(\.isNumber))
        else {
            return ""
        }
        return " (process \(process))"
    }
}
