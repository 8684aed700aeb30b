import Foundation

/// The size of the disk that a directory is on, and what is free of it for whoever asks.
package struct DiskSpace: Sendable, Hashable {
    /// Bytes that are free for whoever asks.
    package var free: Int64
    /// Bytes in all.
    package var total: Int64

    /// The space where a directory stands; nil where the system does not say.
    package init?(of directory: String) {
        var system = statvfs()
        guard statvfs(directory, &system) == 0 else { return nil }
        free = Int64(system.f_bavail) * Int64(system.f_frsize)
        total = Int64(system.f_blocks) * Int64(system.f_frsize)
    }

    /// A disk with so many bytes free, of so many.
    package init(free: Int64, total: Int64) {
        self.free = free
        self.total = total
    }
}
