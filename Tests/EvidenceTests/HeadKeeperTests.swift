import Conformity
import Evidence
import Foundation
import GRDB
import Metering
import SignedNotes
import Storage
import Testing

@Suite struct HeadKeeperTests {
    @Test("each head covers all lines of its time and goes on from the one before", arguments: [0, 3, 255, 256, 700])
    func heads(first: Int) throws {
        let record = try SignedRecord()
        var size = 0
        for count in [first, 0, 1, 300] {
            try record.write(lines: count)
            size += count
            try record.keeper.sign(now: at(Int64(size)))
        }
        let heads = try record.heads()
        #expect(heads.map(\.size) == [first, first, first + 1, first + 301])
        for head in heads {
            let note = try #require(SignedNote(text: head.note))
            #expect(note.isSigned(by: record.key.current.verifier))
            let expected = Checkpoint(
                origin: "plant.example/emsd", size: head.size, root: try record.root(over: head.size))
            #expect(Checkpoint(body: note.body) == expected)
        }
        #expect(try record.store.read { try $0.tiles(0..<99).map(\.number) } == Array(0..<size / 256))
    }

    @Test(
        "a journal that is another than the one signed is not signed: which line was changed does not matter",
        arguments: [1, 3, 5])
    func changedLine(line: Int) throws {
        let record = try SignedRecord()
        try record.write(lines: 5)
        try record.keeper.sign(now: at(1))
        try record.change("UPDATE journal SET line = '{\"seq\":0}' WHERE seq = \(line)")
        try record.write(lines: 2)
        #expect(throws: AuditFault.self) { try record.keeper.sign(now: at(2)) }
        #expect(try record.keeper.contradiction()?.contains("first 5 lines are not those that were signed") == true)
        #expect(try record.heads().count == 1)
    }

    @Test("an older copy of the database is found by the head beside it, also where it says nothing of that head")
    func oldCopy() throws {
        let record = try SignedRecord()
        try record.write(lines: 5)
        try record.keeper.sign(now: at(1))
        try record.change("DELETE FROM journal WHERE seq > 3; DELETE FROM head")
        #expect(try record.keeper.contradiction()?.contains("older copy") == true)
        #expect(throws: AuditFault.self) { try record.keeper.sign(now: at(2)) }
        // Lines that were written since are others than those under the head.
        try record.write(lines: 4)
        try record.change("UPDATE journal SET line = '{\"other\":5}' WHERE seq = 5")
        #expect(throws: AuditFault.self) { try record.keeper.sign(now: at(3)) }
    }

    @Test("a head that a kill left beside the database is taken into it, once")
    func killedBetween() throws {
        let record = try SignedRecord()
        try record.write(lines: 5)
        let head = try record.keeper.sign(now: at(1))
        try record.change("DELETE FROM head")
        try record.keeper.adopt()
        try record.keeper.adopt()
        #expect(try record.heads().map(\.note) == [head.note])
        try record.write(lines: 1)
        try record.keeper.sign(now: at(2))
        #expect(try record.heads().map(\.size) == [5, 6])
    }

    @Test(
        "what a kill left of a head's file is in nobody's way: the next head goes on from the last whole one",
        arguments: [0, 1, 20, 150])
    func halfWritten(bytes: Int) throws {
        let record = try SignedRecord()
        try record.write(lines: 5)
        try record.keeper.sign(now: at(1))
        let path = record.directory + "/emsd.head"
        let whole = try #require(FileManager.default.contents(atPath: path))
        try record.write(lines: 300)
        try Data(whole.prefix(bytes)).write(to: URL(fileURLWithPath: path + ".new"))
        try record.keeper.adopt()
        #expect(try record.keeper.contradiction() == nil)
        #expect(FileManager.default.contents(atPath: path) == whole)
        try record.keeper.sign(now: at(2))
        #expect(try record.heads().map(\.size) == [5, 305])
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        #expect(try RecordCheck(record.store, trusting: [record.key.current.verifier]).run().holds)
    }

    @Test("a head whose file cannot be written is none: the database has no other one than the file")
    func unwritable() throws {
        let record = try SignedRecord()
        try record.write(lines: 5)
        let first = try record.keeper.sign(now: at(1))
        try record.write(lines: 1)
        // What stands in the way of the new file's name, as a full disk would.
        let fresh = record.directory + "/emsd.head.new"
        try FileManager.default.createDirectory(atPath: fresh + "/in-the-way", withIntermediateDirectories: true)
        #expect(throws: (any Error).self) { try record.keeper.sign(now: at(2)) }
        #expect(try record.heads().map(\.note) == [first.note])
        try FileManager.default.removeItem(atPath: fresh)
        try record.keeper.sign(now: at(3))
        #expect(try record.heads().map(\.size) == [5, 6])
        #expect(try RecordCheck(record.store, trusting: [record.key.current.verifier]).run().holds)
    }

    @Test("heads follow their order and not their times: a clock that goes back a day changes nothing")
    func clockBack() throws {
        let record = try SignedRecord()
        let day: Int64 = 86_400_000
        for time in [10 * day, 9 * day, 9 * day + 1, 11 * day] {
            try record.write(lines: 2)
            try record.keeper.sign(now: at(time))
        }
        #expect(try record.heads().map(\.size) == [2, 4, 6, 8])
        #expect(try record.store.read { try $0.newestHead() }?.size == 8)
        #expect(try record.keeper.contradiction() == nil)
        #expect(try RecordCheck(record.store, trusting: [record.key.current.verifier]).run().holds)
    }

    @Test("without a key nothing is signed, and the sentence says what to do")
    func noKey() throws {
        let record = try SignedRecord()
        try FileManager.default.removeItem(atPath: record.key.path)
        #expect(throws: AuditFault("this site has no key yet: make one with 'emsctl audit init'")) {
            try record.keeper.sign(now: at(1))
        }
    }

    @Test("while a rotation is under way both keys sign")
    func rotation() throws {
        let record = try SignedRecord()
        try record.write(lines: 1)
        let rotated = try record.key.rotated()
        let head = try record.keeper.sign(now: at(1))
        let note = try #require(SignedNote(text: head.note))
        #expect(rotated.keys.map(\.verifier).allSatisfy(note.isSigned(by:)))
        #expect(rotated.current.verifier != record.key.current.verifier)
        #expect(try KeyFile.read(record.key.path)?.keys.map(\.verifier) == rotated.keys.map(\.verifier))
    }

    @Test("a key that others can read, or a file that holds none, is refused")
    func spoiltKeys() throws {
        let record = try SignedRecord()
        #expect(throws: AuditFault.self) { try KeyFile.make(record.key.path, name: "plant.example/emsd") }
        chmod(record.key.path, 0o644)
        #expect(throws: AuditFault.self) { try record.keeper.sign(now: at(1)) }
        let other = record.directory + "/other.key"
        try Data("PRIVATE+KEY+a+00000000+AAAA\n".utf8).write(to: URL(fileURLWithPath: other))
        chmod(other, 0o400)
        #expect(throws: AuditFault.self) { try KeyFile.read(other) }
        #expect(throws: AuditFault.self) { try KeyFile.make(record.directory + "/x", name: "two words") }
        // systemd leaves an empty credential where nobody made a key.
        try Data().write(to: URL(fileURLWithPath: record.directory + "/empty"))
        chmod(record.directory + "/empty", 0o400)
        #expect(try KeyFile.read(record.directory + "/empty") == nil)
    }
}
