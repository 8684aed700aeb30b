import DatabaseFile
import Foundation
import GRDB
import ReadingCodec
import Tail

extension PlantStore {
    /// Copies one consistent state into `directory` while everything goes on; restoring is copying the file back.
    ///
    /// The copy is one file without a log, `emsd.db`, that can be read on a read-only medium. It is written under
    /// another name first and renamed when it is complete and on the disk. Made without the daemon, what a killed one left
    /// in its tail is copied beside it. Between steps of `pagesPerStep` pages it rests as long as the last one took, and
    /// at least `pause` milliseconds.
    package func backup(to directory: String, pagesPerStep: Int = 512, pause: UInt32 = 5) throws {
        let target = StoreConnection.path(in: directory)
        let draft = target + ".part"
        guard !FileManager.default.fileExists(atPath: target) else {
            throw StoreFault(
                .cannotCreate, "there is a database \(target) already: choose another directory for the backup")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if FileManager.default.fileExists(atPath: draft) { try FileManager.default.removeItem(atPath: draft) }
        } catch {
            throw StoreFault(
                .cannotCreate,
                "the backup \(directory) cannot be made (\(error.localizedDescription)): choose another directory")
        }
        do {
            try copy(to: draft, pagesPerStep: Int32(clamping: pagesPerStep), pause: pause)
            try StoreConnection.sync(draft)
            if try read({ !$0.inTail.isEmpty }) { try copyTail(from: self.directory, to: directory) }
            try FileManager.default.moveItem(atPath: draft, toPath: target)
            try StoreConnection.sync(directory)
        } catch {
            // What is incomplete is of no use to anybody.
            try? FileManager.default.removeItem(atPath: draft)
            throw StoreFault(error, path: target)
        }
    }

    /// Copies one consistent state and hands it out piece by piece, the bytes of one file without a log.
    ///
    /// The copy stands in the state directory meanwhile, without a name, so that whoever takes it slowly holds up nobody
    /// and a kill leaves nothing. Throws where the disk has no room for it beside what is to be recorded.
    package func sendBackup(_ send: ([UInt8]) throws -> Void) throws {
        let path = directory + "/" + PrivateFiles.sendingPrefix + UUID().uuidString
        let needed = ["", "-wal"].reduce(Int64(0)) { $0 + SoundnessCheck.size(of: self.path + $1) }
        var space = statvfs()
        if statvfs(directory, &space) == 0, Int64(space.f_bavail) * Int64(space.f_frsize) < needed + 64 << 20 {
            throw StoreFault(
                .full,
                "\(directory) has no room for a copy of \(needed >> 20) MiB beside what is recorded: free space there, "
                    + "or copy with 'emsctl --database \(directory) backup' while the daemon is stopped")
        }
        let handle: FileHandle
        do {
            defer { unlink(path) }
            try copy(to: path, pagesPerStep: 512, pause: 5)
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw StoreFault(.io, "the copy \(path) cannot be read: check the disk") }
            handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        } catch {
            throw StoreFault(error, path: self.path)
        }
        while let piece = try handle.read(upToCount: 256 << 10), !piece.isEmpty { try send(Array(piece)) }
    }

    /// What nobody is there to commit goes along: the tail in another directory as it stands, and in the mirror's second
    /// place what a killed daemon left in memory.
    func copyTail(from directory: String, to target: String, memory: String = TailFiles.memory) throws {
        guard let identity = try read({ try $0.tailIdentity() }) else { return }
        let files = TailFiles.files(identity: identity, directory: directory, memory: memory)
        let found = TailContents.bytes(of: files, directory: directory)
        let copies = [
            (TailFiles.path(in: target), found[0]),
            (TailFiles.mirrorPath(in: target), found.dropFirst().reduce(Data(), +)),
        ]
        for (path, bytes) in copies {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            if bytes.isEmpty { continue }
            let attributes = [FileAttributeKey.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: path, contents: bytes, attributes: attributes) else {
                throw StoreFault(.io, "\(path) cannot be written: check space and owner")
            }
            try StoreConnection.sync(path)
        }
    }

    package func copy(to draft: String, pagesPerStep: Int32, pause: UInt32, byWriter: Bool = false) throws {
        PrivateFiles.make(draft)
        let destination = try DatabaseQueue(path: draft)
        try connection.backup(to: destination, pagesPerStep: pagesPerStep, byWriter: byWriter) { step in
            // At most half of the disk's time is ours, however slow it is.
            let taken = UInt32(clamping: Int64(step / .microseconds(1)))
            usleep(min(1_000_000, max(pause * 1000, taken)))
        }
        try destination.writeWithoutTransaction { database in
            // A database in WAL mode cannot be opened in place where its directory cannot be written.
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
            try StoreConnection.setClean(true, in: database)
        }
        try destination.close()
    }

    /// Whether the whole database is sound: SQLite's own check, then each chunk's checksum.
    ///
    /// - Returns: what is wrong, one sentence each; empty for a sound database.
    package func findings() throws -> [String] {
        try read { reader in
            var findings = try String.fetchAll(reader.database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            for (point, header) in try reader.allChunks() {
                do { _ = try reader.unpack(point, header) } catch let fault as StoreFault {
                    findings.append(fault.message)
                }
            }
            return findings
        }
    }
}

extension StoreReader {
    /// The chunks of all points with the database's number of their point.
    final func allChunks() throws -> [(point: Int64, header: ChunkHeader)] {
        try with("SELECT id, first, last, count, usable, minimum, maximum, total, point FROM chunk ORDER BY id") {
            statement in
            var found: [(Int64, ChunkHeader)] = []
            while try statement.step() { found.append((statement.int64(8), ChunkHeader(statement))) }
            return found
        }
    }
}
