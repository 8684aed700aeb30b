import DatabaseFile
import Foundation
import GRDB
import Metering
import Storage
import TestKit
import Testing

@Suite("Databases of other versions")
struct MigrationTests {
    /// The databases of earlier versions, by the number of their schema: 100 steps of the script each; the later ones are
    /// the first, brought up by the migrations.
    private static let schemas = ["1", "2", "3"]

    private func stored(_ schema: String) throws -> TemporaryFolder {
        let directory = try TemporaryFolder()
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
        try FileManager.default.copyItem(
            atPath: fixtures + "/schema-\(schema).db", toPath: directory.path + "/emsd.db")
        return directory
    }

    @Test("a database of every released schema is opened, says what it said, and goes on", arguments: schemas)
    func opened(_ schema: String) throws {
        let directory = try stored(schema)
        let store = try directory.store(sealing: SealingRule(readingsOfPoint: 40))
        #expect(store.opening == StoreOpening())
        #expect(try store.findings().isEmpty)
        try Contents(of: store).expect(steps: 100)
        var script = try PlantScript(store)
        for _ in 0..<60 { try script.write(to: store) }
        try Contents(of: store).expect(steps: 160)
        try store.close()
        try Contents(of: PlantStore(directory: directory.path, access: .readOnly)).expect(steps: 160)
    }

    @Test("a database of schema 6, which had no index of the spans of nonconformities, is brought up and holds")
    func spans() throws {
        let directory = try stored("3")
        try directory.store().close()
        let queue = try DatabaseQueue(path: directory.path + "/emsd.db")
        try queue.write {
            try $0.execute(
                sql: "DROP INDEX nonconformity_span; DELETE FROM grdb_migrations WHERE identifier = '7'")
        }
        try queue.close()
        let older = try PlantStore(directory: directory.path, access: .readOnly)
        #expect(try older.damage() == nil)
        try older.close()
        let store = try directory.store()
        #expect(try store.damage() == nil)
        #expect(try store.read { try $0.onsets(objective: "any", overlapping: []) }.isEmpty)
        try Contents(of: store).expect(steps: 100)
        try store.close()
    }

    @Test("a database of every released schema is read as it stands by whoever may not write it", arguments: schemas)
    func onlyRead(_ schema: String) throws {
        let directory = try stored(schema)
        let path = directory.path + "/emsd.db"
        let before = FileManager.default.contents(atPath: path)
        try Contents(of: PlantStore(directory: directory.path, access: .readOnly)).expect(steps: 100)
        #expect(
            try PlantStore(directory: directory.path, access: .readOnly).read { try $0.configurationInForce() == nil })
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    private static let otherTables = [
        (
            "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'not NULL') WHERE name = 'journal'",
            "journal is not what"
        ),
        ("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', 'STRICt') WHERE name = 'value'", "value is not what"),
        ("CREATE TRIGGER late AFTER INSERT ON journal BEGIN SELECT 1; END", "trigger late"),
        ("DROP INDEX chunk_by_time", "chunk_by_time is gone"),
        ("DELETE FROM grdb_migrations WHERE identifier = '2'", "step 2"),
    ]

    @Test("the tables of a database of every schema are those of its steps; any other is named", arguments: schemas)
    func tables(_ schema: String) throws {
        let directory = try stored(schema)
        let store = try PlantStore(directory: directory.path, access: .readOnly)
        #expect(try store.damage() == nil)
        try store.close()
        let brought = try directory.store()
        #expect(try brought.damage() == nil)
        try brought.close()
        for (change, named) in Self.otherTables {
            let other = try stored("3")
            let queue = try DatabaseQueue(path: other.path + "/emsd.db")
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA writable_schema = ON; \(change)") }
            try queue.close()
            let found = try PlantStore(directory: other.path, access: .readOnly).damage()
            #expect(found?.contains(named) == true, "\(change): \(found ?? "nothing")")
        }
    }

    @Test("a damaged database of every released schema is salvaged", arguments: schemas)
    func salvaged(_ schema: String) throws {
        let directory = try stored(schema)
        let target = try TemporaryFolder()
        #expect(try PlantStore.salvage(directory.path, to: target.path).isWhole)
        try Contents(of: PlantStore(directory: target.path, access: .readOnly)).expect(steps: 100)
    }

    @Test("a database of a newer version is refused with a sentence, and left as it is")
    func newer() throws {
        let directory = try stored("1")
        let path = directory.path + "/emsd.db"
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')") }
        try queue.close()
        let before = FileManager.default.contents(atPath: path)
        for access in [PlantStore.Access.readOnly, .owner(create: true, sync: .normal)] {
            do {
                _ = try PlantStore(directory: directory.path, access: access)
                Issue.record("it was opened")
            } catch {
                #expect(error.kind == .newer && error.exitCode == 74)
                #expect(error.message == "the database \(path) was written by a newer version of emsd: use that one")
            }
        }
        let after = try DatabaseQueue(path: path)
        #expect(try after.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        #expect(before?.count == FileManager.default.contents(atPath: path)?.count)
        #expect(!directory.files.contains { $0.contains("damaged") })
    }
}
