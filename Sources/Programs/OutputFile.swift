import Foundation
import PlantAPI
import Platform

/// A file that a verb was told to write (`--output`).
package enum OutputFile {
    /// Writes the file whole, or leaves what stood there; a device or a pipe (`/dev/stdout`) is written into, and a link stays one.
    ///
    /// Throws a ``CommandError``: 73 where it cannot be made, 74 where not all of it can be written (a full disk).
    package static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        var status = stat()
        let isThere = stat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG {
            return try fill(try opened(path, O_WRONLY, path), bytes, path)
        }
        let target = isThere ? resolved(path) : path
        let part = "\(target).part-\(getpid())"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isThere ? status.st_mode & 0o777 : 0o666)
        if descriptor < 0 {
            // A file of one's own in a directory of somebody else is written where it stands.
            return try fill(try opened(target, O_WRONLY | (isThere ? O_TRUNC : O_CREAT | O_EXCL), path), bytes, path)
        }
        do {
            try fill(descriptor, bytes, path)
            guard rename(part, target) == 0 else { throw refusal(path, errno) }
        } catch {
            unlink(part)
            throw error
        }
    }

    private static func opened(_ path: String, _ flags: Int32, _ name: String) throws -> Int32 {
        let descriptor = open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw refusal(name, errno) }
        return descriptor
    }

    private static func fill(_ descriptor: Int32, _ bytes: some Collection<UInt8>, _ path: String) throws {
        var fault = Array(bytes).withUnsafeBytes { StandardStreams.write(all: $0, to: descriptor) }
        if close(descriptor) != 0, fault == 0 { fault = errno }
        guard fault == 0 else {
            throw CommandError(.inputOutput, "\(path) cannot be written whole: \(SystemFault.text(fault))")
        }
    }

    private static func refusal(_ path: String, _ code: Int32) -> CommandError {
        CommandError(.cannotCreate, "\(path) cannot be written (\(SystemFault.text(code))): check its directory")
    }

    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}
