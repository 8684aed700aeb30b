import DatabaseFile
import Foundation
import Platform

/// A database file read page by page without SQLite, so that damage in one place hides nothing elsewhere.
///
/// The write-ahead log beside it is laid over it as far as SQLite would: up to the last commit before the first frame
/// whose checksum is wrong. Nothing is ever written to either file.
final class DamagedFile {
    /// The path of the database.
    let path: String
    /// Bytes of a page.
    let pageSize: Int
    /// Bytes of a page that hold content.
    let usable: Int
    /// Pages of the database as of the last commit.
    let pageCount: Int
    /// Pages that the disk did not give.
    private(set) var refused = 0

    private let descriptor: Int32
    private let log: DamagedLog
    /// The block read last: most questions go to pages beside each other.
    private var block: [UInt8] = []
    private var blockStart = -1
    /// The page of the list of pages that was asked last.
    private var mapNumber = 0
    private var mapBytes: [UInt8] = []

    private static let blockPages = 64
    private static let magic = Array("SQLite format 3\0".utf8)

    /// Opens a file; throws where it is missing or may not be read, never because of what is in it.
    init(_ path: String) throws(StoreFault) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let cause = errno
            throw StoreFault(
                cause == ENOENT ? .notFound : cause == EACCES ? .notPermitted : .io,
                "\(path) cannot be read (\(SystemFault.text(cause))): check its name, owner and mode")
        }
        var size = stat()
        fstat(descriptor, &size)
        guard size.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw StoreFault(.notFound, "\(path) is no file: name the database, or the directory that holds it")
        }
        log = DamagedLog(path + "-wal")
        var head = [UInt8](repeating: 0, count: 100)
        let isWhole = pread(descriptor, &head, 100, 0) == 100
        if let first = log.frame(of: 1), first.count >= 100 { head = Array(first[..<100]) }
        var pageSize = 1024
        var reserved = 0
        if isWhole || log.pageSize != nil, head.prefix(16).elementsEqual(DamagedFile.magic),
            let said = DamagedFile.size(Int(head[16]) << 8 | Int(head[17]))
        {
            (pageSize, reserved) = (said, Int(head[20]))
        } else if let said = log.pageSize {
            pageSize = said
        }
        self.pageSize = pageSize
        usable = reserved < pageSize / 4 ? pageSize - reserved : pageSize
        pageCount = max(log.pagesAtCommit ?? 0, (Int(size.st_size) + pageSize - 1) / pageSize)
    }

    deinit { close(descriptor) }

    /// Frames of the log behind the place where it breaks.
    var lostFrames: Int { log.lostFrames }

    private static func size(_ said: Int) -> Int? {
        let size = said == 1 ? 65536 : said
        return size >= 512 && size <= 65536 && size & (size - 1) == 0 ? size : nil
    }

    /// The bytes of a page, counted from 1; nil where there is none or the disk refuses it.
    func page(_ number: Int) -> [UInt8]? {
        guard number >= 1, number <= pageCount else { return nil }
        if let frame = log.frame(of: number) { return frame.count == pageSize ? frame : nil }
        let offset = (number - 1) * pageSize
        if blockStart < 0 || offset < blockStart || offset + pageSize > blockStart + block.count {
            readBlock(at: offset)
        }
        if offset >= blockStart, offset + pageSize <= blockStart + block.count {
            return Array(block[(offset - blockStart)..<(offset - blockStart + pageSize)])
        }
        // The block broke off at a page that the disk refuses: this one may still be read alone.
        var alone = [UInt8](repeating: 0, count: pageSize)
        let count = pread(descriptor, &alone, pageSize, off_t(offset))
        if count < 0 { refused += 1 }
        // The last page of a file that was cut off is worth what is left of it.
        return count > 0 ? alone : nil
    }

    private func readBlock(at offset: Int) {
        let length = DamagedFile.blockPages * pageSize
        if block.count != length { block = [UInt8](repeating: 0, count: length) }
        let count = pread(descriptor, &block, length, off_t(offset))
        block.removeLast(length - max(0, count))
        blockStart = count > 0 ? offset : -1
    }

    // MARK: What the file says about its pages

    /// Whether a page holds the list of what the others are, or the byte that SQLite locks.
    func isBookkeeping(_ number: Int) -> Bool { number == mapPage(of: number) || number == lockPage }

    /// What the list of pages says that a page is; nil where it cannot be read.
    func role(of number: Int) -> PageRole? {
        let map = mapPage(of: number)
        guard number >= 3 else { return nil }
        if mapNumber != map { (mapNumber, mapBytes) = (map, page(map) ?? []) }
        let place = 5 * (number - map - 1)
        return place >= 0 && place < mapBytes.count ? PageRole(rawValue: mapBytes[place]) : nil
    }

    private var lockPage: Int { 0x4000_0000 / pageSize + 1 }

    private func mapPage(of number: Int) -> Int {
        guard number >= 2 else { return 0 }
        let map = (number - 2) / (usable / 5 + 1) * (usable / 5 + 1) + 2
        return map == lockPage ? map + 1 : map
    }
}

/// What a page is, as the list of pages in a database with auto_vacuum says.
enum PageRole: UInt8 {
    case root = 1
    case free = 2
    case firstOverflow = 3
    case furtherOverflow = 4
    case tree = 5
}
