import Foundation
import Metering
import Platform
import SignedNotes
import Storage

/// Signs heads of the journal and keeps them: in the database, and the last one also in `emsd.head` beside it, which no
/// backup holds.
///
/// A head is signed only where the journal still begins with all that the last head covers. So two heads of one site never
/// disagree: whoever kept one can prove what came after it. To be used by one thread at a time.
package struct HeadKeeper: Sendable {
    private let store: PlantStore
    private let environment: [String: String]

    /// Keeps the heads of a store that is open for writing; `environment` says where systemd put the key.
    package init(_ store: PlantStore, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.store = store
        self.environment = environment
    }

    /// The site's keys; nil where none was made.
    package func keys() throws(AuditFault) -> KeyFile? {
        try KeyFile.found(in: store.directory, environment: environment)
    }

    /// Signs the journal as it is now.
    ///
    /// Throws an ``AuditFault`` where there is no key, where the journal does not go on from the last head, and where it
    /// cannot be brought to the disk.
    @discardableResult
    package func sign(now: Instant) throws -> HeadRecord {
        guard let keys = try keys() else {
            throw AuditFault("this site has no key yet: make one with 'emsctl audit init'")
        }
        try adopt()
        let last = try lastHead()
        let (checkpoint, fresh) = try store.read { reader in
            try head(of: reader, origin: keys.current.verifier.name, after: last)
        }
        // A line that the next loss of power takes away must not stand under a head.
        store.flush()
        guard store.isFlushed else { throw AuditFault("the journal cannot be brought to the disk: no head was signed") }
        var note = SignedNote(body: checkpoint.body, signatures: [])
        for key in keys.keys.reversed() { note = note.adding(try key.sign(note.body)) }
        // First here: what is in the database alone is gone when an old backup takes its place.
        try DurableFile.replace(Self.path(in: store.directory), with: "\(now.milliseconds)\n\(note.text)".utf8)
        let record = HeadRecord(time: now, size: checkpoint.size, note: note.text)
        try store.write { writer in
            for (number, root) in fresh { try writer.keepTile(number, root: root.bytes) }
            try writer.keep(record)
        }
        return record
    }

    /// Takes the head into the database that a kill left only beside it; to be called at a start.
    package func adopt() throws {
        guard let last = try headBeside(), try store.read({ try $0.newestHead() })?.note != last.note else { return }
        let isKnown = try store.read { reader in try reader.heads().contains { $0.note == last.note } }
        if isKnown { return }
        // One that the journal does not reach stays outside: that is said when the next one is to be signed.
        guard try store.read({ try $0.journalHead().seq }) >= last.size else { return }
        try store.write { try $0.keep(last) }
    }

    /// Why the journal is not the one that was signed last, as a sentence; nil where it goes on from it.
    package func contradiction() throws -> String? {
        guard let last = try lastHead() else { return nil }
        do {
            _ = try store.read { try head(of: $0, origin: "", after: last) }
            return nil
        } catch let fault as AuditFault {
            return fault.message
        }
    }

    static func path(in directory: String) -> String { directory + "/emsd.head" }

    /// The checkpoint of the journal as it is, and the tiles of its tree that are not kept yet.
    private func head(
        of reader: StoreReader, origin: String, after last: HeadRecord?
    ) throws -> (Checkpoint, tiles: [(Int, MerkleHash)]) {
        let size = try reader.journalHead().seq
        let leaves = JournalLeaves(reader)
        if let last, let old = SignedNote(text: last.note).flatMap({ Checkpoint(body: $0.body) }) {
            guard old.size <= size else {
                throw AuditFault(
                    "the journal has \(size) lines, and a head over \(old.size) was signed at \(last.time.text): an older "
                        + "copy of the database took its place, or its end was cut off")
            }
            guard try MerkleTree(size: old.size, from: leaves).root() == old.root else {
                throw AuditFault(
                    "the journal's first \(old.size) lines are not those that were signed at \(last.time.text): they were "
                        + "changed since; compare them with a backup")
            }
        }
        let complete = size / MerkleTreeSize.tile
        let kept = Set(try reader.tiles(0..<complete).map(\.number))
        let missing = try (0..<complete).filter { !kept.contains($0) }.map { ($0, try leaves.root(ofTile: $0)) }
        return (Checkpoint(origin: origin, size: size, root: try MerkleTree(size: size, from: leaves).root()), missing)
    }

    /// The head that counts: the larger one of database and file.
    private func lastHead() throws -> HeadRecord? {
        let stored = try store.read { try $0.newestHead() }
        guard let beside = try headBeside() else { return stored }
        guard let stored, stored.size >= beside.size else { return beside }
        return stored
    }

    /// The last head as it stands beside the database; nil where there is none.
    func headBeside() throws -> HeadRecord? {
        let path = Self.path(in: store.directory)
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let line = text.firstIndex(of: "\n"), let time = Int64(text[..<line]) else { throw damaged(path) }
        let note = String(text[text.index(after: line)...])
        guard let signed = SignedNote(text: note), let checkpoint = Checkpoint(body: signed.body) else {
            throw damaged(path)
        }
        return HeadRecord(time: Instant(milliseconds: time), size: checkpoint.size, note: note)
    }

    private func damaged(_ path: String) -> AuditFault {
        AuditFault(
            "\(path) holds no signed head: put back the one it held, or remove it where that is known to be lost")
    }
}
