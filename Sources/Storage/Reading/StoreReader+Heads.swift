import Metering

extension StoreReader {
    /// The head that was signed last; nil where none was.
    package final func newestHead() throws -> HeadRecord? {
        try heads("ORDER BY number DESC LIMIT 1").first
    }

    /// The first head over at least so many lines, which proves the line with that number; nil: none covers it yet.
    package final func head(covering line: Int) throws -> HeadRecord? {
        try heads("WHERE size >= ? ORDER BY number LIMIT 1", Int64(line)).first
    }

    /// All heads, in the order in which they were signed.
    package final func heads() throws -> [HeadRecord] { try heads("ORDER BY number") }

    /// The next heads after that number, at most a thousand, in the order in which they were signed.
    package final func heads(after number: Int) throws -> [HeadRecord] {
        try heads("WHERE number > ? ORDER BY number LIMIT 1000", Int64(number))
    }

    /// What others said of heads, in the order in which it came.
    package final func witnesses() throws -> [WitnessRecord] {
        try with("SELECT time, head, kind, data FROM witness ORDER BY number") { statement in
            var found: [WitnessRecord] = []
            while try statement.step() {
                guard let kind = WitnessRecord.Kind(rawValue: statement.text(2)) else { continue }
                found.append(
                    WitnessRecord(
                        time: Instant(milliseconds: statement.int64(0)), head: statement.int(1), kind: kind,
                        data: Array(statement.blob(3))))
            }
            return found
        }
    }

    /// The texts of the journal's lines in a range of numbers, in order; fewer where some are missing.
    package final func journalTexts(_ lines: Range<Int>) throws -> [String] {
        try with("SELECT line FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq") { statement in
            statement.bind(1, lines.lowerBound)
            statement.bind(2, lines.upperBound)
            var texts: [String] = []
            while try statement.step() { texts.append(statement.text(0)) }
            return texts
        }
    }

    /// The kept roots of tiles of the journal's tree, by their number, in a range; missing ones are left out.
    package final func tiles(_ range: Range<Int>) throws -> [(number: Int, root: [UInt8])] {
        try with("SELECT number, root FROM tile WHERE number >= ? AND number < ? ORDER BY number") { statement in
            statement.bind(1, range.lowerBound)
            statement.bind(2, range.upperBound)
            var found: [(Int, [UInt8])] = []
            while try statement.step() { found.append((statement.int(0), Array(statement.blob(1)))) }
            return found
        }
    }

    private func heads(_ rest: String, _ argument: Int64? = nil) throws -> [HeadRecord] {
        try with("SELECT number, time, size, note FROM head " + rest) { statement in
            if let argument { statement.bind(1, argument) }
            var found: [HeadRecord] = []
            while try statement.step() {
                found.append(
                    HeadRecord(
                        number: statement.int(0), time: Instant(milliseconds: statement.int64(1)),
                        size: statement.int(2),
                        note: statement.text(3)))
            }
            return found
        }
    }
}
