import Foundation
import PlantAPI
import Platform
import Programs

/// A copy of the database that comes from the daemon: under another name until it is whole and on the disk, and gone
/// where it does not get there.
final class ReceivedCopy {
    private let directory: String
    private let place: Int32
    private let file: Int32
    private var length: Int64 = 0
    private var head: [UInt8] = []
    private var isWhole = false
    private let progress = ProgressLine("backup")
    private static let name = "emsd.db"
    private static let draft = "emsd.db.part"

    /// Makes the directory, where it is missing for its owner alone, and the file in it; follows no link there.
    init(in directory: String) throws {
        self.directory = directory
        let refused = { (code: Int32) -> CommandError in
            CommandError(
                code == EACCES || code == EPERM ? .notPermitted : .cannotCreate,
                "the backup \(directory) cannot be made (\(SystemFault.text(code))): choose another directory")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError(
                .cannotCreate,
                "the backup \(directory) cannot be made (\(error.localizedDescription)): choose another directory")
        }
        place = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { throw refused(errno) }
        var status = stat()
        if fstatat(place, Self.name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            close(place)
            throw CommandError(
                .cannotCreate,
                "there is a database \(directory)/emsd.db already: choose another directory for the backup")
        }
        unlinkat(place, Self.draft, 0)
        file = openat(place, Self.draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw refused(errno) }
    }

    deinit {
        if !isWhole { unlinkat(place, Self.draft, 0) }
        close(file)
        close(place)
    }

    /// How long the file is, as its head says: how many pages it has, and how long each is.
    private var whole: Int64? {
        guard head.count == 100 else { return nil }
        let pageSize = Int64(head[16]) << 8 | Int64(head[17])
        let pages = head[28..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return pages > 0 ? pages * (pageSize == 1 ? 65_536 : pageSize) : nil
    }

    /// Writes the next bytes.
    func take(_ bytes: [UInt8]) throws {
        if head.count < 100 { head += bytes.prefix(100 - head.count) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw failure("written") }
            rest = rest.dropFirst(max(0, count))
        }
        length += Int64(bytes.count)
        progress.show(Int(length >> 20), "MiB", share: whole.map { Double(length) / Double($0) })
    }

    /// Gives the copy its name, when it is whole and on the disk.
    func finish() throws {
        progress.clear()
        guard let whole, whole == length else {
            throw CommandError(
                .inputOutput, "the copy came in part only, nothing was kept: is the daemon stopping? Try again")
        }
        guard fsync(file) == 0 else { throw failure("brought to the disk") }
        guard renameat(place, Self.draft, place, Self.name) == 0 else { throw failure("named") }
        isWhole = true
        guard fsync(place) == 0 else { throw failure("brought to the disk") }
    }

    private func failure(_ doing: String) -> CommandError {
        CommandError(
            .inputOutput,
            "the copy in \(directory) cannot be \(doing) (\(SystemFault.text(errno))): check space and disk")
    }
}
