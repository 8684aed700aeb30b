import Foundation

/// A small file system of its own, mounted on a directory and taken away with it.
final class SmallDisk {
    let path: String
    private let image: String?

    /// Why there can be none here; nil where there can.
    static let refusal: String? = {
        guard getuid() == 0 else { return "only root may mount a file system" }
        let place = "/tmp/emsd-mount-\(UUID().uuidString.prefix(8))"
        return (try? SmallDisk(place, megabytes: 4)) == nil ? "nothing can be mounted here" : nil
    }()

    /// Mounts so many megabytes on a directory: ext4 in a file where the system lets us, else in memory.
    init(_ path: String, megabytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let image = path + ".image"
        let size = "\(megabytes)M"
        if SmallDisk.run("truncate", "-s", size, image), SmallDisk.run("mkfs.ext4", "-q", "-F", "-m", "0", image),
            SmallDisk.run("mount", "-o", "loop", image, path)
        {
            self.image = image
            return
        }
        try? FileManager.default.removeItem(atPath: image)
        self.image = nil
        guard SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path) else {
            try? FileManager.default.removeItem(atPath: path)
            throw Overdue(description: "nothing can be mounted on \(path)")
        }
    }

    deinit {
        _ = SmallDisk.run("umount", "-l", path)
        if let image { try? FileManager.default.removeItem(atPath: image) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Lets nobody write to it any more.
    func makeReadOnly() throws {
        guard SmallDisk.run("mount", "-o", "remount,ro", path) else {
            throw Overdue(description: "\(path) cannot be made read-only")
        }
    }

    /// Fills it to the last byte, or until so many bytes are left; returns the file that does.
    func fill(leaving left: Int = 0) -> String {
        let filler = path + "/filler"
        let descriptor = open(filler, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        defer { close(descriptor) }
        for size in [65_536, 4096, 512, 1] {
            let block = [UInt8](repeating: 0x5A, count: size)
            while free - left >= size || left == 0, write(descriptor, block, size) > 0 {}
        }
        return filler
    }

    /// Bytes that are free for anybody.
    var free: Int {
        var system = statvfs()
        return statvfs(path, &system) == 0 ? Int(system.f_bavail) * Int(system.f_frsize) : 0
    }

    private static func run(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
