import Foundation

extension StoreConnection {
    /// Brings a file or a directory to the disk.
    package static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFault(.io, "\(path) cannot be opened to sync it: check the disk") }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreFault(.io, "\(path) cannot be brought to the disk: check the disk")
        }
    }
}
