import DatabaseFile
import Foundation
import Storage

/// The files of an open database, which others may remove or replace: what is recorded then goes to files that have no
/// name any more.
package struct OpenFiles: Sendable {
    private let files: [(path: String, device: dev_t, inode: ino_t)]
    private let database: String

    init(of store: PlantStore) {
        database = store.path
        let lock = StoreConnection.lockPath(in: store.directory)
        files = [store.path, store.path + "-wal", lock].compactMap { path in
            var status = stat()
            return stat(path, &status) == 0 ? (path, status.st_dev, status.st_ino) : nil
        }
    }

    /// Those that were removed or replaced.
    package var lost: [String] {
        files.filter { file in
            var status = stat()
            return stat(file.path, &status) != 0 || status.st_dev != file.device || status.st_ino != file.inode
        }.map(\.path)
    }

    /// Whether the database is empty, so that nothing of it is left but its log.
    package var isEmptied: Bool { SoundnessCheck.size(of: database) == 0 && !lost.contains(database) }
}

extension PlantStore {
    /// The files that are open now.
    package func openFiles() -> OpenFiles { OpenFiles(of: self) }

    /// Closes a database whose files lost their names, after it was copied back to its place: nothing is lost.
    ///
    /// What stands in its place by now is kept beside it (`emsd.db.found-1`). Throws where the directory cannot be
    /// written; the files are closed all the same.
    package func closeAndPutBack() throws {
        let draft = directory + "/" + PrivateFiles.sendingPrefix + "back"
        let copied = Result {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            unlink(draft)
            try copy(to: draft, pagesPerStep: 4096, pause: 0, byWriter: true)
            try StoreConnection.sync(draft)
        }
        try? close()
        do {
            try copied.get()
            var number = 1
            while FileManager.default.fileExists(atPath: "\(path).found-\(number)") { number += 1 }
            for suffix in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.moveItem(atPath: path + suffix, toPath: "\(path).found-\(number)\(suffix)")
            }
            try FileManager.default.moveItem(atPath: draft, toPath: path)
            try StoreConnection.sync(directory)
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// Whether files may be made in the directory, which is made where it is missing.
    package func canPutBack() -> Bool {
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        return access(directory, W_OK | X_OK) == 0
    }
}
