import Conformity
import GRDB
import Metering
import RecordKit
import Storage
import Testing

@testable import Recording

@Suite("The journal's chain at the start")
struct ChainCheckTests {
    private func check(_ lines: Int, _ change: String?) throws -> String? {
        try FinalRecord.inDirectory { directory in
            let store = try PlantStore(directory: directory, access: .owner(create: true, sync: .normal))
            var chain = JournalChain()
            try store.write { writer in
                let entries = (0..<lines).map { JournalEntry("test", at: Instant(milliseconds: Int64($0))) }
                try writer.appendJournal(
                    chain.append(entries).map {
                        JournalRecord(
                            seq: $0.sequence, time: Instant(milliseconds: 0), line: $0.text, hash: $0.hash)
                    })
            }
            if let change {
                let queue = try DatabaseQueue(path: store.path)
                try queue.write { try $0.execute(sql: change) }
                try queue.close()
            }
            defer { try? store.close() }
            return try ChainCheck(store).fault { false }
        }
    }

    @Test("holds, over any number of portions", arguments: [0, 1, 1999, 2000, 2001, 4000, 5001])
    func holds(_ lines: Int) throws { #expect(try check(lines, nil) == nil) }

    private static let changes: [(sql: String, line: Int)] = [
        ("UPDATE journal SET line = replace(line, 'test', 'tent') WHERE seq = 1", 1),
        ("UPDATE journal SET line = replace(line, 'test', 'tent') WHERE seq = 2001", 2001),
        ("UPDATE journal SET hash = replace(hash, substr(hash, 9, 1), 'g') WHERE seq = 2500", 2500),
        ("DELETE FROM journal WHERE seq = 2000", 2001),
        ("UPDATE journal SET line = replace(line, 'test', 'tent') WHERE seq = 3000", 3000),
    ]

    @Test("a line that was changed or is missing is named", arguments: changes)
    func broken(_ change: (sql: String, line: Int)) throws {
        let said = try #require(try check(3000, change.sql))
        #expect(said.contains("broken: journal line \(change.line) "), "\(said)")
    }
}
