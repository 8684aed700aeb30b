import Foundation
import GRDB
import Metering
import Synchronization
import TestKit
import Testing

@testable import DatabaseFile
@testable import LiveRecording
@testable import Storage

@Suite("Files of the record that are gone, empty, replaced or open to others")
struct LostFilesTests {
    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt32(status.st_mode & 0o777) : 0
    }

    /// A record of some steps with a tail and a mark; ended as by a kill where it is not closed.
    private func record(_ directory: TemporaryFolder, steps: Int = 5, closed: Bool = true) throws {
        let store = try directory.store()
        let tail = try ReadingTail(of: store, memory: directory.path)
        var script = try PlantScript(store)
        for _ in 0..<steps { try script.write(to: store) }
        try store.noteMark()
        tail.close()
        if closed { try store.close() } else { Self.kept.withLock { $0.append(store) } }
    }

    /// Killed processes do not close, and their descriptors close without SQLite.
    private static let kept = Mutex<[PlantStore]>([])

    private func loss(_ directory: TemporaryFolder) throws -> String? {
        let found = FoundRecord(in: directory.path)
        let store = try PlantStore(directory: directory.path, access: .owner(create: true, sync: .normal))
        defer { try? store.close() }
        return try found.loss(in: store)
    }

    @Test("what older versions left open to others is its owner's alone after a start")
    func modes() throws {
        let directory = try TemporaryFolder()
        try record(directory)
        let names = ["emsd.db", "emsd.lock", "emsd.tail", "emsd.mark", "emsd.db.damaged-1"]
        _ = FileManager.default.createFile(atPath: directory.path + "/emsd.db.damaged-1", contents: Data([1]))
        for name in names {
            #expect(name.hasSuffix("-1") || mode(directory.path + "/" + name) == 0o600, "\(name)")
            chmod(directory.path + "/" + name, 0o644)
        }
        let store = try directory.store()
        try store.write { try $0.append([Reading(0, at(1), 1)]) }
        for name in names + ["emsd.db-wal", "emsd.db-shm"] {
            #expect(mode(directory.path + "/" + name) == 0o600, "\(name)")
        }
        let copy = directory.path + "/copy"
        try store.backup(to: copy)
        #expect(mode(copy) == 0o700 && mode(copy + "/emsd.db") == 0o600)
        try store.close()
    }

    @Test("a record that is whole, and one that never was, have lost nothing")
    func whole() throws {
        let directory = try TemporaryFolder()
        #expect(try loss(directory) == nil)
        try record(directory)
        #expect(try loss(directory) == nil)
        let restored = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: directory.path + "/emsd.db", toPath: restored.path + "/emsd.db")
        #expect(try loss(restored) == nil)
    }

    private static let removals: [(what: String, change: @Sendable (String) throws -> Void)] = [
        ("gone", { try FileManager.default.removeItem(atPath: $0) }), ("empty", { _ = truncate($0, 0) }),
    ]

    @Test("a database that is gone or empty is said, and its tail is put aside", arguments: 0..<2, [false, true])
    func removed(_ index: Int, hasMark: Bool) throws {
        let directory = try TemporaryFolder()
        try record(directory)
        if !hasMark { try FileManager.default.removeItem(atPath: directory.path + "/emsd.mark") }
        let removal = Self.removals[index]
        try removal.change(directory.path + "/emsd.db")
        let said = try #require(try loss(directory))
        #expect(said.contains("is \(removal.what)") && said.contains("restore a backup"), "\(said)")
        #expect(directory.files.contains("emsd.tail.lost-1") && !directory.files.contains("emsd.tail"))
    }

    @Test("another database in its place is said")
    func replaced() throws {
        let (directory, other) = (try TemporaryFolder(), try TemporaryFolder())
        try record(directory)
        try record(other)
        try FileManager.default.removeItem(atPath: directory.path + "/emsd.db")
        try FileManager.default.copyItem(atPath: other.path + "/emsd.db", toPath: directory.path + "/emsd.db")
        #expect(try loss(directory)?.contains("is another one than was here before") == true)
    }

    @Test("an older copy of itself in its place is said")
    func older() throws {
        let directory = try TemporaryFolder()
        try record(directory)
        let old = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/emsd.db"))
        try record(directory, steps: 3)
        try old.write(to: URL(fileURLWithPath: directory.path + "/emsd.db"))
        #expect(try loss(directory)?.contains("is older than the record was") == true)
    }

    @Test("a log that is removed or rubbish after a kill is said", arguments: [false, true])
    func log(isRubbish: Bool) throws {
        let directory = try TemporaryFolder()
        try record(directory)
        try record(directory, steps: 4, closed: false)
        let killed = try directory.copyAsKilled()
        for name in ["emsd.mark", "emsd.tail"] {
            try FileManager.default.copyItem(atPath: directory.path + "/" + name, toPath: killed.path + "/" + name)
        }
        let path = killed.path + "/emsd.db-wal"
        if isRubbish {
            try Data(repeating: 0xA5, count: 50_000).write(to: URL(fileURLWithPath: path))
        } else {
            try FileManager.default.removeItem(atPath: path)
        }
        let said = try #require(try loss(killed))
        #expect(said.contains("its log was \(isRubbish ? "damaged" : "removed")"), "\(said)")
    }

    @Test("a database whose files lost their names is copied back with all that was recorded since")
    func putBack() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        var script = try PlantScript(store)
        for _ in 0..<5 { try script.write(to: store) }
        let files = store.openFiles()
        #expect(files.lost.isEmpty)
        try FileManager.default.removeItem(atPath: directory.path)
        #expect(Set(files.lost) == Set([store.path, store.path + "-wal", directory.path + "/emsd.lock"]))
        for _ in 0..<5 { try script.write(to: store) }
        #expect(store.canPutBack())
        try Data([7]).write(to: URL(fileURLWithPath: store.path))
        try store.closeAndPutBack()
        #expect(directory.files == ["emsd.db", "emsd.db.found-1"])
        #expect(mode(store.path) == 0o600)
        let again = try directory.store()
        try Contents(of: again).expect(steps: 10)
        #expect(again.opening == StoreOpening())
        try again.close()
    }

    @Test("a copy that is sent is whole, and leaves nothing in the directory")
    func sent() throws {
        let (directory, target) = (try TemporaryFolder(), try TemporaryFolder())
        let store = try directory.store()
        var script = try PlantScript(store)
        for _ in 0..<50 { try script.write(to: store) }
        var bytes = Data()
        var names: Set<String> = []
        try store.sendBackup { piece in
            bytes += piece
            names.formUnion(directory.files)
        }
        #expect(!names.contains { $0.hasPrefix("emsd.sending") })
        try bytes.write(to: URL(fileURLWithPath: target.path + "/emsd.db"))
        try Contents(of: PlantStore(directory: target.path, access: .readOnly)).expect(steps: 50)
        struct Enough: Error {}
        #expect(throws: Enough.self) { try store.sendBackup { _ in throw Enough() } }
        #expect(!directory.files.contains { $0.hasPrefix("emsd.sending") })
        try store.close()
    }
}
