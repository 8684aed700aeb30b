import Foundation
import Platform
import ReadingCodec
import Storage

/// Where the lines of an alert file may stand that a crash left unrecorded.
///
/// The file itself is known by its device and inode, whatever it is called by now. A copy (`copytruncate`, `compress`) is
/// known by what is in it: the line that was recorded last ends where the recorded size says. Files that look alike up to
/// there have lines of their own, so a copy must also have the name of this file and of no other: it begins with the
/// file's name, or with its stem (`alerts-20261127.jsonl`), and no other configured file's name fits longer. Copies may be
/// packed with gzip or zstd. Both are looked for in the file's own directory and in those that stand in it (`olddir old`). What
/// is elsewhere, or packed otherwise, is not found: then the lines are written once more, with the same `seq`.
struct AlertTraces {
    private let delivery: AlertDelivery
    private let others: [String]
    private let lastLine: [UInt8]?
    private let directory: String
    private let otherFiles: Set<[UInt64]>
    /// No batch of lines between two records is longer.
    private static let most = 16 << 20

    init(of delivery: AlertDelivery, others: [String], lastLine: [UInt8]?) {
        self.delivery = delivery
        self.others = others
        self.lastLine = lastLine
        directory = AlertAppender.directory(of: delivery.path)
        otherFiles = Set(others.compactMap { AlertTraces.identity($0).map { [$0.device, $0.inode] } })
    }

    /// The paths to look at, the file itself first.
    func candidates() -> [String] {
        let own = AlertTraces.contents(of: directory)
        let paths = own + own.filter(AlertTraces.isDirectory).flatMap(AlertTraces.contents)
        return paths.filter(isOurs) + paths.filter { !isOurs($0) && mayBeCopy($0) }
    }

    /// What stands in a file behind the recorded size, and whether it is the file itself; nil where it is none of ours.
    func tail(of path: String) -> (bytes: Data, isOurs: Bool)? {
        let isOurs = isOurs(path)
        let known = isOurs ? [] : lastLine ?? []
        guard isOurs || !known.isEmpty else { return nil }
        let start = Int(delivery.offset) - known.count
        guard start >= 0, let read = bytes(of: path, from: start), read.starts(with: known) else { return nil }
        return (Data(read.dropFirst(known.count)), isOurs)
    }

    private func isOurs(_ path: String) -> Bool {
        guard let file = AlertTraces.identity(path) else { return false }
        return file.inode == UInt64(bitPattern: delivery.inode) && file.device == UInt64(bitPattern: delivery.device)
    }

    private func mayBeCopy(_ path: String) -> Bool {
        guard let file = AlertTraces.identity(path), !otherFiles.contains([file.device, file.inode]) else {
            return false
        }
        let own = AlertTraces.fit(path, to: delivery.path)
        return own > 0 && others.allSatisfy { AlertTraces.fit(path, to: $0) < own }
    }

    /// How much of a configured path's name a file's name begins with; 0 where it is no copy of it.
    private static func fit(_ path: String, to configured: String) -> Int {
        let (directory, home) = (AlertAppender.directory(of: path), AlertAppender.directory(of: configured))
        guard directory == home || AlertAppender.directory(of: directory) == home else { return 0 }
        let name = (path as NSString).lastPathComponent
        let own = (configured as NSString).lastPathComponent
        if name.hasPrefix(own) { return own.utf8.count * 2 }
        let stem = (own as NSString).deletingPathExtension
        return stem != own && name.hasPrefix(stem) ? stem.utf8.count * 2 - 1 : 0
    }

    private static func contents(of directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted().map { directory + "/" + $0 }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func identity(_ path: String) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// The bytes of a file, unpacked where it is packed, from a place on.
    private func bytes(of path: String, from start: Int) -> Data? {
        if let found = ZstdFile.bytes(of: path, from: start, atMost: AlertTraces.most) { return found }
        guard let reader = try? InflatingReader(path: path) else { return nil }
        var skipped = 0
        var found = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while found.count < AlertTraces.most {
            let count = (try? buffer.withUnsafeMutableBytes { try reader.read(into: $0) }) ?? 0
            if count == 0 { break }
            let drop = min(count, start - skipped)
            skipped += drop
            found.append(contentsOf: buffer[drop..<count])
        }
        return skipped == start ? found : nil
    }
}
