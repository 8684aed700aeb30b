import Foundation

/// Where the files of a tail stand.
package enum TailFiles {
    /// Where files outlive a process.
    package static let memory = "/dev/shm"

    /// The files that a tail may be read from; in those in memory, where everybody may write, may be anything.
    package static func files(identity: Int64, directory: String, memory: String = memory) -> [String] {
        [path(in: directory)] + mirrorPaths(identity: identity, directory: directory, memory: memory)
    }

    /// The path of the tail in a state directory.
    package static func path(in directory: String) -> String { directory + "/emsd.tail" }

    /// Where the mirror of a tail may be: two databases on one machine, copies of each other even, have two.
    package static func mirrorPaths(identity: Int64, directory: String, memory: String) -> [String] {
        var status = stat()
        _ = stat(directory, &status)
        let place = UInt64(status.st_dev) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(status.st_ino)
        let name = String(UInt64(bitPattern: identity), radix: 16) + "-" + String(place, radix: 16)
        return [memory + "/emsd-" + name, mirrorPath(in: directory)]
    }

    /// Where the mirror stands if there is no memory for it, and in a backup.
    package static func mirrorPath(in directory: String) -> String { directory + "/emsd.tail-now" }
}
