import DatabaseFile
import Foundation
import ReadingCodec

/// What a tail holds, whatever state a loss of power or a kill left it in.
///
/// ```
/// let files = TailFiles.files(identity: identity, directory: directory)
/// let tail = TailContents(identity: identity, files: files, directory: directory)
/// for reading in tail.readings(after: committed) { … }
/// ```
package struct TailContents {
    /// The last block's number; 0 where there is none.
    package private(set) var last: Int64 = 0
    /// By number; of one that stands in several files the one that came last.
    private var blocks: [Int64: TailBlock] = [:]

    /// No tail and no mirror is longer.
    private static let longest = 16 << 20

    /// The whole blocks of that database in files that may be there, as far as they are the database's owner's.
    package init(identity: Int64, files: [String], directory: String) {
        for bytes in TailContents.bytes(of: files, directory: directory) {
            bytes.withUnsafeBytes { bytes in
                for place in stride(from: 0, to: bytes.count, by: TailRing.smallestUnit) {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
                    guard let block = TailBlock(rest, identity: identity) else { continue }
                    if let known = blocks[block.sequence], !block.goesOn(after: known) { continue }
                    blocks[block.sequence] = block
                    last = max(last, block.sequence)
                }
            }
        }
    }

    /// What stands in files that may be there, empty for those that are not the database's owner's.
    package static func bytes(of files: [String], directory: String) -> [Data] {
        var database = stat()
        guard stat(StoreConnection.path(in: directory), &database) == 0 else { return files.map { _ in Data() } }
        return files.map { bytes(of: $0, owner: database.st_uid) ?? Data() }
    }

    /// What stands in a file that its owner alone can have written: in /dev/shm everybody may put something.
    private static func bytes(of path: String, owner: uid_t) -> Data? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == owner,
            status.st_mode & 0o022 == 0, status.st_size <= longest
        else { return nil }
        return try? handle.readToEnd()
    }

    /// The readings of the blocks after one, in order of arrival.
    ///
    /// Where a block is gone, those that go on with its forecast cannot be read either, up to the next that needs none.
    package func readings(after committed: Int64) -> [TailReading] {
        var found: [TailReading] = []
        guard last > committed else { return found }
        var forecast = TailForecast()
        var known: Int64?
        for sequence in blocks.keys.sorted() {
            guard let block = blocks[sequence] else { continue }
            if block.back == 0 {
                forecast = TailForecast()
            } else if known != sequence - Int64(block.back) {
                known = nil
                continue
            }
            var readings: [TailReading] = []
            do {
                try block.payload.withUnsafeBytes { payload in
                    var bits = BitReader(payload)
                    for _ in 0..<block.count { readings.append(try forecast.decode(&bits)) }
                }
            } catch {
                // It passed its checksum, so this is no accident of the disk; what stands before it is good.
                known = nil
                continue
            }
            known = block.isOpen ? nil : sequence
            if sequence > committed { found += readings }
        }
        return found
    }
}
