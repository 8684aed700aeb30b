import Conformity
import Evidence
import Foundation
import GRDB
import Metering
import Storage
import TestKit

/// A state directory with a journal and a key, removed with it.
final class SignedRecord {
    private let folder: TemporaryFolder
    var directory: String { folder.path }
    private(set) var store: PlantStore
    let key: KeyFile

    init() throws {
        folder = try TemporaryFolder()
        store = try PlantStore(directory: folder.path, access: .owner(create: true, sync: .normal))
        key = try KeyFile.make(folder.file("audit.key"), name: "plant.example/emsd")
    }

    var keeper: HeadKeeper { HeadKeeper(store, environment: [:]) }

    func write(_ texts: (Int) -> String, count: Int) throws {
        try store.write { writer in
            let head = try writer.journalHead()
            var chain = JournalChain(sequence: head.seq, hash: head.hash)
            let lines = (0..<count).map { _ in chain.append(text: texts(chain.sequence + 1)) }
            try writer.appendJournal(
                lines.map { JournalRecord(seq: $0.sequence, time: at(0), line: $0.text, hash: $0.hash) })
        }
    }

    func write(lines count: Int) throws { try write({ "{\"seq\":\($0)}" }, count: count) }

    /// What somebody does to the file while nothing runs.
    func change(_ sql: String) throws {
        try store.close()
        let queue = try DatabaseQueue(path: directory + "/emsd.db")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
        store = try PlantStore(directory: directory, access: .owner(create: false, sync: .normal))
    }

    func heads() throws -> [HeadRecord] { try store.read { try $0.heads() } }

    /// The root over the first lines, from the lines alone.
    func root(over size: Int) throws -> MerkleHash {
        let lines = try store.read { try $0.journalTexts(1..<size + 1) }
        return try MerkleTree(size: size, from: LeafHashes(lines.map { MerkleHash(line: $0) })).root()
    }
}

func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }
