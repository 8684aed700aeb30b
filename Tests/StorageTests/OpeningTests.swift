import Foundation
import Metering
import Platform
import TestKit
import Testing

@testable import DatabaseFile
@testable import Storage

@Suite("Opening, killing, copying")
struct OpeningTests {
    private func fill(_ store: PlantStore, from: Int64 = 0, count: Int64 = 500) throws {
        for time in from..<from + count {
            try store.write { try $0.append((0..<4).map { Reading($0, at(time * 1000), Double(time) / 10) }) }
        }
    }

    private func times(_ store: PlantStore) throws -> [Int64] {
        try store.read { try $0.readings(2, in: everything) }.map { $0.time.milliseconds / 1000 }
    }

    private func fault(_ body: () throws -> Void) -> StoreFault? {
        do { try body() } catch { return error as? StoreFault }
        return nil
    }

    @Test("where there is no database a reader finds none and leaves nothing")
    func nothingThere() throws {
        let directory = try TemporaryFolder()
        for path in [directory.path, directory.path + "/missing"] {
            let found = fault { _ = try PlantStore(directory: path, access: .readOnly) }
            #expect(found?.kind == .notFound && found?.exitCode == 74)
        }
        #expect(
            fault { _ = try PlantStore(directory: directory.path, access: .owner(create: false, sync: .normal)) }?.kind
                == .notFound)
        #expect(directory.files.isEmpty)
    }

    @Test("a file that a daemon was killed over before it made the tables has nothing to be read, and is gone on with")
    func noTablesYet() throws {
        let directory = try TemporaryFolder()
        #expect(FileManager.default.createFile(atPath: StoreConnection.path(in: directory.path), contents: nil))
        let found = fault { _ = try PlantStore(directory: directory.path, access: .readOnly) }
        #expect(found?.kind == .notFound && found?.message.contains("nothing of emsd yet: start emsd") == true)
        let store = try directory.store()
        #expect(try times(store).isEmpty && store.opening.damage == nil)
        try store.close()
    }

    @Test("a directory that cannot be made is said with 73")
    func cannotCreate() throws {
        let found = fault {
            _ = try PlantStore(directory: "/proc/nowhere/x", access: .owner(create: true, sync: .normal))
        }
        #expect(found?.exitCode == 73)
        #expect(found?.message.contains("/proc/nowhere/x") == true)
    }

    @Test("a second owner is refused with 73, until the first has closed")
    func oneOwner() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        let found = fault { _ = try directory.store() }
        #expect(found?.kind == .inUse && found?.exitCode == 73)
        #expect(found?.message.contains("process \(getpid())") == true)
        try store.close()
        try directory.store().close()
    }

    @Test("a file that is no database is set aside, and a new one is made")
    func noDatabase() throws {
        let directory = try TemporaryFolder()
        try Data(repeating: 0x41, count: 5000).write(to: URL(fileURLWithPath: directory.path + "/emsd.db"))
        #expect(fault { _ = try PlantStore(directory: directory.path, access: .readOnly) }?.kind == .corrupt)
        let store = try directory.store()
        #expect(store.opening.setAside == directory.path + "/emsd.db.damaged-1")
        #expect(store.opening.damage != nil)
        try fill(store, count: 3)
        #expect(try times(store) == [0, 1, 2])
        #expect(FileManager.default.contents(atPath: directory.path + "/emsd.db.damaged-1")?.count == 5000)
    }

    @Test(
        "a store that was closed is clean, one that was killed is checked", arguments: [PlantStore.Sync.normal, .full])
    func clean(_ sync: PlantStore.Sync) throws {
        let directory = try TemporaryFolder()
        var store = try directory.store(sync: sync)
        #expect(store.opening == StoreOpening(isNew: true))
        try fill(store, count: 10)
        let killed = try directory.copyAsKilled()
        try store.close()
        store = try directory.store(sync: sync)
        #expect(store.opening == StoreOpening())
        let again = try killed.store(sync: sync)
        #expect(again.opening == StoreOpening(wasUnclean: true))
        #expect(try times(again) == Array(0..<10))
    }

    @Test("killed after any commit, nothing that was committed is gone", arguments: [1, 39, 40, 41, 163])
    func killed(_ commits: Int64) throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(readingsOfPoint: 40))
        try fill(store, count: commits)
        let killed = try directory.copyAsKilled()
        let still = try PlantStore(directory: killed.path, access: .readOnly)
        #expect(try times(still) == Array(0..<commits))
        #expect(killed.files == ["emsd.db", "emsd.db-wal"])
        try still.close()
        let again = try killed.store(sealing: SealingRule(readingsOfPoint: 40))
        #expect(try times(again) == Array(0..<commits))
        try fill(again, from: commits, count: 5)
        #expect(try times(again) == Array(0..<commits + 5))
    }

    @Test("a log that was cut off anywhere loses the end and nothing else", arguments: 0..<UInt64(25))
    func tornLog(_ seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(readingsOfPoint: 25))
        try fill(store, count: 60)
        let torn = try directory.copyAsKilled()
        let log = torn.path + "/emsd.db-wal"
        var bytes = try #require(FileManager.default.contents(atPath: log))
        let cut = Int.random(in: 0..<bytes.count, using: &random)
        if Bool.random(using: &random) {
            bytes = bytes.prefix(cut)
        } else {
            for index in cut..<min(cut + 600, bytes.count) { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        }
        try bytes.write(to: URL(fileURLWithPath: log))
        let again = try torn.store(sealing: SealingRule(readingsOfPoint: 25))
        let found = try times(again)
        #expect(found == Array(0..<Int64(found.count)))
        #expect(try again.findings().isEmpty)
    }

    @Test("a reader beside the writer sees what is committed, and leaves no file behind")
    func besideTheWriter() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try fill(store, count: 20)
        let before = directory.files
        let reader = try PlantStore(directory: directory.path, access: .readOnly)
        #expect(try times(reader) == Array(0..<20))
        try fill(store, from: 20, count: 5)
        #expect(try times(reader) == Array(0..<25))
        #expect(reader.names == StorageTests.names())
        #expect(fault { try reader.write { try $0.setClock(at(1)) } }?.exitCode == 77)
        try reader.close()
        #expect(directory.files == before)
    }

    @Test("a question sees one state, whatever is written meanwhile")
    func oneState() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try fill(store, count: 5)
        try store.read { (reader) throws in
            #expect(try reader.readings(2, in: everything).count == 5)
            try fill(store, from: 5, count: 5)
            #expect(try reader.readings(2, in: everything).count == 5)
        }
        #expect(try times(store).count == 10)
    }

    @Test("a reader of a store that a daemon has taken meanwhile says so")
    func daemonStarted() throws {
        let directory = try TemporaryFolder()
        try directory.store().close()
        let reader = try PlantStore(directory: directory.path, access: .readOnly)
        let store = try directory.store()
        #expect(fault { _ = try times(reader) }?.message.contains("daemon has started") == true)
        try store.close()
    }

    @Test("a read-only store that adopts a plan has nothing for names it does not know")
    func readOnlyNames() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try fill(store, count: 5)
        try store.close()
        let reader = try PlantStore(directory: directory.path, access: .readOnly)
        try reader.adopt(
            StoreNames(
                points: [.init(name: "other", kind: .state), .init(name: "meter.p2", kind: .gauge)],
                indicators: [.init(name: "x")]))
        try reader.read { (reader) throws in
            #expect(try reader.readings(0, in: everything).isEmpty)
            #expect(try reader.readings(1, in: everything).count == 5)
            #expect(try reader.newestTimes() == [nil, at(4000)])
            #expect(try reader.lastClosed() == [nil])
        }
    }

    @Test("a backup taken while everything goes on is whole, and is read where nothing can be written")
    func backup() throws {
        let directory = try TemporaryFolder()
        let target = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(readingsOfPoint: 50))
        try fill(store, count: 120)
        let writer = Thread {
            for time in Int64(120)..<200 {
                do { try store.write { try $0.append((0..<4).map { Reading($0, at(time * 1000), 1) }) } } catch {
                    return
                }
            }
        }
        writer.start()
        try store.backup(to: target.path, pagesPerStep: 3, pause: 1)
        #expect(target.files == ["emsd.db"])
        #expect(fault { try store.backup(to: target.path) }?.exitCode == 73)
        let copy = try PlantStore(directory: target.path, access: .readOnly)
        let found = try times(copy)
        #expect(found.count >= 120 && found == Array(0..<Int64(found.count)))
        #expect(try copy.findings().isEmpty)
        try copy.close()
        #expect(target.files == ["emsd.db"])
        let restored = try target.store()
        #expect(restored.opening == StoreOpening())
        while !writer.isFinished { sched_yield() }
    }

    @Test("a damaged chunk is found, said, and hides nothing else")
    func damagedChunk() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(sealing: SealingRule(readingsOfPoint: 50))
        try fill(store, count: 100)
        try store.close()
        let sqlite = Foundation.Process()
        sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        sqlite.arguments = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); "
                + "c.execute('UPDATE chunk SET total=total+1 WHERE id=2'); c.commit()",
            directory.path + "/emsd.db",
        ]
        try sqlite.run()
        sqlite.waitUntilExit()
        try #require(sqlite.terminationStatus == 0)
        let reader = try PlantStore(directory: directory.path, access: .readOnly)
        #expect(try reader.findings().count == 1)
        #expect(fault { _ = try reader.read { try $0.readings(1, in: everything) } }?.kind == .corrupt)
        #expect(try times(reader).count == 100)
    }

    @Test("a log is brought into the file beside the writer, begins anew, and nothing is missing")
    func checkpointsBeside() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store()
        try store.connection.checkpointBeside(pages: 40)
        func size(_ name: String) -> Int64 { SoundnessCheck.size(of: directory.path + "/" + name) }
        /// The head of the log, with the number of its beginnings.
        func head() throws -> Data? {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: directory.path + "/emsd.db-wal"))
            defer { try? file.close() }
            return try file.read(upToCount: 16)
        }
        var script = try PlantScript()
        try script.write(to: store)
        let (empty, before) = (size("emsd.db"), try head())
        let end = MonotonicMoment.now + .seconds(60)
        // Only one that was brought into the file, all of it, begins anew.
        while try head() == before, .now < end { try script.write(to: store) }
        #expect(try head() != before)
        #expect(size("emsd.db") > empty)
        try Contents(of: store).expect(steps: script.steps)
        try store.close()
        #expect(!directory.files.contains("emsd.db-wal") || size("emsd.db-wal") == 0)
        let again = try directory.store()
        try Contents(of: again).expect(steps: script.steps)
        #expect(!again.opening.wasUnclean)
    }
}
