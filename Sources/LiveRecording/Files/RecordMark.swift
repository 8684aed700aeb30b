import DatabaseFile
import Foundation
import ReadingCodec
import Storage
import Tail

/// How far a record was, kept in `emsd.mark` beside its database: what is opened later must be the same database, and not
/// behind it.
///
/// It is written once what it says is on the disk, so that no loss of power puts a sound database behind it. One block:
/// "eM", the version 1 and 0, CRC-32 (IEEE) of what follows, then four 64-bit little-endian integers.
package struct RecordMark: Sendable, Hashable {
    /// The database's own number; nil for one that never had a tail.
    package var identity: Int64?
    /// The last line of the journal, the last alert, and the last block of the tail that was committed.
    package var journal: Int64
    package var alert: Int64
    package var tail: Int64

    private static let magic: [UInt8] = [0x65, 0x4D, 1, 0]

    static func path(in directory: String) -> String { directory + "/emsd.mark" }

    private var body: [UInt8] {
        [identity ?? 0, journal, alert, tail].flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
    }

    private static func checksum(_ body: [UInt8]) -> [UInt8] {
        var sum = Checksum()
        body.withUnsafeBytes { sum.add($0) }
        return withUnsafeBytes(of: sum.value.littleEndian) { Array($0) }
    }

    /// The mark of a directory; nil where there is none that can be read.
    static func read(in directory: String) -> RecordMark? {
        guard let bytes = FileManager.default.contents(atPath: path(in: directory)).map(Array.init), bytes.count >= 40,
            bytes.starts(with: magic), Array(bytes[4..<8]) == checksum(Array(bytes[8..<40]))
        else { return nil }
        let numbers = bytes.withUnsafeBytes { raw in
            (0..<4).map { Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 + 8 * $0, as: Int64.self)) }
        }
        return RecordMark(
            identity: numbers[0] == 0 ? nil : numbers[0], journal: numbers[1], alert: numbers[2], tail: numbers[3])
    }

    func write(in directory: String) throws {
        let path = RecordMark.path(in: directory)
        let bytes = RecordMark.magic + RecordMark.checksum(body) + body
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFault(.io, "\(path) cannot be written: check its directory") }
        defer { close(descriptor) }
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, fdatasync(descriptor) == 0 else {
            throw StoreFault(.io, "\(path) cannot be written: check space and disk")
        }
    }
}

/// What stood in a state directory before its database was opened, to be held against what was opened.
package struct FoundRecord: Sendable {
    private let directory: String
    private let mark: RecordMark?
    private let hadDatabase: Bool
    private let wasEmpty: Bool
    private let hadLog: Bool
    private let hadTail: Bool

    /// Looks at a directory that nobody else has open.
    package init(in directory: String) {
        let path = StoreConnection.path(in: directory)
        self.directory = directory
        mark = RecordMark.read(in: directory)
        hadDatabase = FileManager.default.fileExists(atPath: path)
        wasEmpty = SoundnessCheck.size(of: path) == 0
        hadLog = FileManager.default.fileExists(atPath: path + "-wal")
        hadTail = SoundnessCheck.size(of: TailFiles.path(in: directory)) > 0
    }

    /// What is missing from the record, as a sentence; nil where all is there that was.
    ///
    /// A tail that belongs to a database that is gone is put aside, because the new one would overwrite it. To be called
    /// before the store gets a tail.
    package func loss(in store: PlantStore) throws -> String? {
        // What was damaged is said by whoever set it aside.
        guard store.opening.setAside == nil else { return nil }
        let now = try store.mark()
        guard let mark, mark.journal > 0 else {
            guard wasEmpty, hadTail, now.identity == nil else { return nil }
            return "\(putTailAside()), but its database is \(hadDatabase ? "empty" : "gone"): \(advice)"
        }
        let was = "the record had \(mark.journal) lines in its journal"
        if now.identity == nil, now.journal == 0 {
            return "the database \(store.path) is \(hadDatabase ? "empty" : "gone"), a new record begins; \(was); "
                + "\(putTailAside()): \(advice)"
        }
        if now.identity != mark.identity {
            return "the database \(store.path) is another one than was here before; \(was), this one has "
                + "\(now.journal); \(putTailAside()): \(advice)"
        }
        if now.journal < mark.journal || now.alert < mark.alert || now.tail < mark.tail {
            let cause = hadLog ? "its log was damaged, or an older copy took its place" : "its log was removed"
            return "the database \(store.path) is older than the record was (\(cause)): \(was), this one has "
                + "\(now.journal); \(advice)"
        }
        if store.opening.wasUnclean, !hadLog {
            return "the log of the database \(store.path) is gone after an unclean stop: what was recorded last is "
                + "missing"
        }
        return nil
    }

    private var advice: String { "stop emsd and restore a backup if that was not intended" }

    private func putTailAside() -> String {
        let path = TailFiles.path(in: directory)
        guard hadTail else { return "there is no tail" }
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).lost-\(number)") { number += 1 }
        guard rename(path, "\(path).lost-\(number)") == 0 else { return "the tail \(path) cannot be put aside" }
        return "the tail of the one before stands as \(path).lost-\(number)"
    }
}

extension PlantStore {
    /// How far the record is.
    func mark() throws -> RecordMark {
        try read { reader in
            RecordMark(
                identity: try reader.tailIdentity(), journal: Int64(try reader.journalHead().seq),
                alert: Int64(try reader.lastAlert()), tail: try reader.tailCommitted())
        }
    }

    /// Notes beside the database how far the record is, when that is on the disk.
    package func noteMark() throws {
        let mark = try mark()
        flush()
        guard isFlushed, RecordMark.read(in: directory) != mark else { return }
        try mark.write(in: directory)
    }
}
