import Foundation
import Metering
import Tail
import TestKit
import Testing

@testable import LiveRecording
@testable import ReadingCodec
@testable import Storage

extension TailTests {
    /// What may stand in the mirror's place in a directory where everybody may write.
    enum Foreign: CaseIterable {
        case writableByOthers, link, pipe, folder, endless, rubbish, anothers
    }

    @Test("what others could have put into the memory is neither believed nor written to", arguments: Foreign.allCases)
    func foreignMirror(_ foreign: Foreign) throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        tail.take(Self.readings(6, rounds: 1))
        tail.flush()
        tail.take(Self.readings(7, rounds: 1, from: 10_000))
        let killed = try machine.killed()
        let mirror = killed.memory.path + "/" + (try #require(killed.memory.files.first))
        let kept = killed.disk.path + "/kept"
        switch foreign {
        case .writableByOthers: #expect(chmod(mirror, 0o622) == 0)
        case .anothers: if chown(mirror, 4321, 4321) != 0 { return }
        case .link:
            try FileManager.default.moveItem(atPath: mirror, toPath: kept)
            #expect(symlink(kept, mirror) == 0)
        case .pipe, .folder, .endless, .rubbish:
            #expect(unlink(mirror) == 0)
            if foreign == .pipe { #expect(mkfifo(mirror, 0o600) == 0) }
            if foreign == .folder { #expect(mkdir(mirror, 0o700) == 0) }
            if foreign == .endless {
                #expect(FileManager.default.createFile(atPath: mirror, contents: nil) && truncate(mirror, 1 << 30) == 0)
            }
            if foreign == .rubbish { try Data(repeating: 0x65, count: 5000).write(to: URL(fileURLWithPath: mirror)) }
            chmod(mirror, 0o600)
        }
        let before = foreign == .link ? FileManager.default.contents(atPath: kept) : nil
        // What was flushed is there, the rest was only where nobody can trust it.
        let again = try killed.store()
        let next = try killed.tail(again)
        #expect(try next.recovered(keeping: names(points: 60)).count == 60)
        // What comes now is as safe as ever.
        next.take(Self.readings(8, rounds: 1, from: 20_000))
        #expect(foreign == .rubbish || foreign == .endless || killed.disk.files.contains("emsd.tail-now"))
        if let before { #expect(FileManager.default.contents(atPath: kept) == before) }
        let identity = try again.tailMark(orMake: false).identity
        let files = TailFiles.files(identity: identity, directory: killed.disk.path, memory: killed.memory.path)
        let found = TailContents(identity: identity, files: files, directory: killed.disk.path)
        #expect(found.readings(after: next.foundLast).count == 60)
    }

    @Test("without such a memory, or where it was taken away, a kill costs no more than the last second")
    func withoutMemory() throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try ReadingTail(of: store, memory: machine.memory.path + "/none", length: 1 << 16)
        let readings = Self.readings(9, rounds: 1)
        tail.take(readings)
        #expect(machine.disk.files.contains("emsd.tail-now"))
        let identity = try store.tailMark(orMake: false).identity
        func seen(_ memory: String) -> [TailReading] {
            let files = TailFiles.files(identity: identity, directory: machine.disk.path, memory: memory)
            return TailContents(identity: identity, files: files, directory: machine.disk.path).readings(after: 0)
        }
        #expect(seen("/none").count == readings.count)

        let other = try Machine()
        let (otherStore, path) = (try other.store(), other.memory.path)
        let second = try other.tail(otherStore)
        second.take(readings)
        #expect(unlink(path + "/" + (try #require(other.memory.files.first))) == 0)
        second.take(Self.readings(10, rounds: 1, from: 10_000))
        second.flush()
        let later = Self.readings(11, rounds: 1, from: 20_000)
        second.take(later)
        #expect(other.memory.files.count == 1)
        let files = TailFiles.files(
            identity: try otherStore.tailMark(orMake: false).identity, directory: other.disk.path, memory: path)
        let contents = TailContents(
            identity: try otherStore.tailMark(orMake: false).identity, files: files, directory: other.disk.path)
        #expect(contents.readings(after: 0).count == 3 * readings.count)
    }

    @Test("a backup without the daemon, and what salvage makes, take along what is only in memory")
    func takenAlong() throws {
        let directory = try TemporaryFolder()
        let store = try directory.store(points: 60)
        // In the machine's own memory, as a daemon that was killed leaves it.
        let tail = try ReadingTail(of: store, length: 1 << 16)
        let identity = try store.tailMark(orMake: false).identity
        let mirror = TailFiles.mirrorPaths(
            identity: identity, directory: directory.path, memory: TailFiles.memory)[0]
        defer { unlink(mirror) }
        let flushed = Self.readings(12, rounds: 1)
        let taken = Self.readings(13, rounds: 1, from: 10_000)
        tail.take(flushed)
        tail.flush()
        tail.take(taken)
        try store.close()
        let expected = Self.seen((flushed + taken).filter { $0.point == 7 })

        let reader = try PlantStore(directory: directory.path, access: .readOnly)
        let (backup, salvaged) = (try TemporaryFolder(), try TemporaryFolder())
        try reader.backup(to: backup.path)
        _ = try PlantStore.salvage(directory.path, to: salvaged.path)
        for place in [directory, backup, salvaged] {
            let store = try PlantStore(directory: place.path, access: .readOnly)
            #expect(try Self.seen(store.read { try $0.readings(7, in: everything) }) == expected)
        }
        // Whoever goes on with them takes it over.
        for place in [backup, salvaged] {
            let machine = Machine(disk: place, memory: try TemporaryFolder())
            #expect(try machine.recovered().count == 120)
        }
    }

    @Test("a damaged database that is set aside leaves its tail to the new one")
    func damagedDatabase() throws {
        let machine = try Machine()
        let store = try machine.store()
        let tail = try machine.tail(store)
        let stored = Self.readings(14, rounds: 4)
        tail.take(stored)
        tail.flush()
        try store.write {
            try $0.append(stored)
            try $0.noteTail(tail.last)
        }
        let readings = Self.readings(15, rounds: 1, from: 40_000)
        tail.take(readings)
        tail.flush()
        try PlantStore.noteDamage("a test says so", in: machine.disk.path)
        try store.close()
        let next = try machine.store()
        #expect(next.opening.setAside != nil)
        #expect(try Self.seen(machine.tail(next).recovered(keeping: names(points: 60))) == Self.seen(readings))
    }
}
