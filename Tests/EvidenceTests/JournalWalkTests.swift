import Evidence
import Testing

@Suite("The journal's chain at the start")
struct JournalWalkTests {
    private func check(_ lines: Int, _ change: String?) throws -> String? {
        let record = try SignedRecord()
        try record.write(lines: lines)
        if let change { try record.change(change) }
        return try JournalWalk(record.store).fault { false }
    }

    @Test("holds, over any number of portions", arguments: [0, 1, 1999, 2000, 2001, 4000, 5001])
    func holds(_ lines: Int) throws { #expect(try check(lines, nil) == nil) }

    private static let changes: [(sql: String, line: Int)] = [
        ("UPDATE journal SET line = replace(line, 'seq', 'sep') WHERE seq = 1", 1),
        ("UPDATE journal SET line = replace(line, 'seq', 'sep') WHERE seq = 2001", 2001),
        ("UPDATE journal SET hash = replace(hash, substr(hash, 9, 1), 'g') WHERE seq = 2500", 2500),
        ("DELETE FROM journal WHERE seq = 2000", 2001),
        ("UPDATE journal SET line = replace(line, 'seq', 'sep') WHERE seq = 3000", 3000),
    ]

    @Test("a line that was changed or is missing is named", arguments: changes)
    func broken(_ change: (sql: String, line: Int)) throws {
        let said = try #require(try check(3000, change.sql))
        #expect(said.contains("broken: journal line \(change.line) "), "\(said)")
    }
}
