import Foundation
import GRDBSQLite
import Synchronization

/// What a program did to the files of one directory, in order.
enum DiskEvent {
    case create(String)
    case write(String, offset: Int, bytes: [UInt8])
    case truncate(String, size: Int)
    /// All that was written to the file before is on the disk.
    case sync(String)
    case delete(String)
    /// All names made or removed before are on the disk.
    case syncNames
    /// So many steps were begun, so many are promised to last: said by the test.
    case begun(Int)
    case promised(Int)
    /// The readings of so many steps outlast a kill, and a loss of power: said by the test.
    case taken(Int)
    case kept(Int)
    /// What stands in memory now, which a kill leaves and a loss of power does not.
    case memory([UInt8])
}

/// Writes down everything that SQLite does to the files of watched directories; all other files are none of its
/// business and go past it.
///
/// It stands before SQLite's own way to the files (a VFS): each opened file gets a copy of that one's methods, of which
/// those that change something are written down first.
final class WatchedDisk: Sendable {
    private struct State {
        var events: [String: [DiskEvent]] = [:]
        var files: [UInt: (directory: String, name: String, methods: UInt, isNewLog: Bool)] = [:]
    }

    private static let state = Mutex(State())
    // Both live as long as the process, as SQLite demands.
    nonisolated(unsafe) private static let parent: UnsafeMutablePointer<sqlite3_vfs>? = sqlite3_vfs_find("unix")
    nonisolated(unsafe) private static let watcher: UnsafeMutablePointer<sqlite3_vfs>? = install()

    let directory: String
    private let seen = Mutex<[String: Data]>([:])

    /// Watches a directory from now on.
    init(_ directory: String) {
        self.directory = directory
        precondition(WatchedDisk.watcher != nil)
        WatchedDisk.state.withLock { $0.events[directory] = [] }
    }

    /// Everything so far.
    var events: [DiskEvent] { WatchedDisk.state.withLock { $0.events[directory] ?? [] } }

    /// Adds what the test knows.
    func note(_ event: DiskEvent) { WatchedDisk.state.withLock { $0.events[directory]?.append(event) } }

    /// Adds what was written past SQLite to a file since the last look, a sector at a time.
    func look(at name: String) {
        guard let bytes = FileManager.default.contents(atPath: directory + "/" + name) else { return }
        let before = seen.withLock { seen in
            defer { seen[name] = bytes }
            return seen[name]
        }
        if before == nil { note(.create(name)) }
        if bytes.count != before?.count { note(.truncate(name, size: bytes.count)) }
        for start in stride(from: 0, to: bytes.count, by: 512) {
            let sector = bytes[start..<min(start + 512, bytes.count)]
            if let before, sector == before[min(start, before.count)..<min(start + 512, before.count)] { continue }
            note(.write(name, offset: start, bytes: Array(sector)))
        }
    }

    /// Ends the watch.
    func end() -> [DiskEvent] { WatchedDisk.state.withLock { $0.events.removeValue(forKey: directory) ?? [] } }

    private static func install() -> UnsafeMutablePointer<sqlite3_vfs>? {
        guard let parent else { return nil }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: parent.pointee)
        vfs.pointee.zName = UnsafePointer(strdup("emsd-watched"))
        vfs.pointee.pNext = nil
        vfs.pointee.xOpen = { _, path, file, flags, outFlags in
            guard let parent = WatchedDisk.parent, let open = parent.pointee.xOpen else { return SQLITE_ERROR }
            let existed = path.map { access($0, F_OK) == 0 } ?? false
            let code = open(parent, path, file, flags, outFlags)
            if code == SQLITE_OK, let path, let file {
                WatchedDisk.watch(file, String(cString: path), existed: existed, flags: flags)
            }
            return code
        }
        vfs.pointee.xDelete = { _, path, syncs in
            guard let parent = WatchedDisk.parent, let delete = parent.pointee.xDelete else { return SQLITE_ERROR }
            let code = delete(parent, path, syncs)
            if code == SQLITE_OK, let path {
                let (directory, name) = WatchedDisk.split(String(cString: path))
                WatchedDisk.add(.delete(name), to: directory)
                if syncs != 0 { WatchedDisk.add(.syncNames, to: directory) }
            }
            return code
        }
        return sqlite3_vfs_register(vfs, 1) == SQLITE_OK ? vfs : nil
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
    }

    private static func add(_ event: DiskEvent, to directory: String) {
        state.withLock { $0.events[directory]?.append(event) }
    }

    private static func watch(_ file: UnsafeMutablePointer<sqlite3_file>, _ path: String, existed: Bool, flags: Int32) {
        let (directory, name) = split(path)
        guard state.withLock({ $0.events[directory] != nil }), let own = file.pointee.pMethods else { return }
        if !existed { add(.create(name), to: directory) }
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: own.pointee)
        methods.pointee.xWrite = { file, bytes, count, offset in
            WatchedDisk.run(file) { methods, place in
                let code = methods.xWrite(file, bytes, count, offset)
                if code == SQLITE_OK, let bytes {
                    let copy = Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                    WatchedDisk.add(.write(place.name, offset: Int(offset), bytes: copy), to: place.directory)
                }
                return code
            }
        }
        methods.pointee.xTruncate = { file, size in
            WatchedDisk.run(file) { methods, place in
                let code = methods.xTruncate(file, size)
                if code == SQLITE_OK { WatchedDisk.add(.truncate(place.name, size: Int(size)), to: place.directory) }
                return code
            }
        }
        methods.pointee.xSync = { file, flags in
            WatchedDisk.run(file) { methods, place in
                let code = methods.xSync(file, flags)
                guard code == SQLITE_OK else { return code }
                WatchedDisk.add(.sync(place.name), to: place.directory)
                // SQLite brings a new journal's name to the disk with its first content.
                if place.isNewLog { WatchedDisk.add(.syncNames, to: place.directory) }
                return code
            }
        }
        methods.pointee.xClose = { file in
            let key = UInt(bitPattern: file)
            guard let entry = WatchedDisk.state.withLock({ $0.files.removeValue(forKey: key) }),
                let own = UnsafePointer<sqlite3_io_methods>(bitPattern: entry.methods)
            else { return SQLITE_ERROR }
            let copy = file?.pointee.pMethods
            let code = own.pointee.xClose(file)
            UnsafeMutablePointer(mutating: copy)?.deallocate()
            return code
        }
        let isLog = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) != 0
        state.withLock {
            $0.files[UInt(bitPattern: file)] = (directory, name, UInt(bitPattern: own), isLog && !existed)
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }

    private typealias Place = (directory: String, name: String, isNewLog: Bool)

    private static func run(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ body: (sqlite3_io_methods, Place) -> Int32
    ) -> Int32 {
        guard let entry = state.withLock({ $0.files[UInt(bitPattern: file)] }),
            let own = UnsafePointer<sqlite3_io_methods>(bitPattern: entry.methods)
        else { return SQLITE_ERROR }
        return body(own.pointee, (entry.directory, entry.name, entry.isNewLog))
    }
}
