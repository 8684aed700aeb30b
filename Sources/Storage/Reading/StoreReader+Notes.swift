import Conformity
import Metering

extension StoreReader {
    /// The last line's number and hash; 0 and 64 zeros for an empty journal.
    package final func journalHead() throws -> (seq: Int, hash: String) {
        try with("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1") { statement in
            try statement.step() ? (statement.int(0), statement.text(1)) : (0, JournalChain.origin)
        }
    }

    /// The lines of the journal from a number on, in order.
    package final func journal(from seq: Int = 1, _ body: (JournalRecord) throws -> Void) throws {
        try with("SELECT seq, time, line, hash FROM journal WHERE seq >= ? ORDER BY seq") { statement in
            statement.bind(1, seq)
            while try statement.step() {
                try body(
                    JournalRecord(
                        seq: statement.int(0), time: Instant(milliseconds: statement.int64(1)), line: statement.text(2),
                        hash: statement.text(3)))
            }
        }
    }

    /// The numbers of the journal's lines that have each of these texts in them, in order; reads all of it.
    package final func journalLines(containing texts: [String]) throws -> [Int] {
        let conditions = texts.indices.map { "instr(line, ?\($0 + 1)) > 0" }.joined(separator: " AND ")
        return try with("SELECT seq FROM journal WHERE \(conditions) ORDER BY seq") { statement in
            for (index, text) in texts.enumerated() { statement.bind(Int32(index + 1), text) }
            var found: [Int] = []
            while try statement.step() { found.append(statement.int(0)) }
            return found
        }
    }

    /// The alerts after a number, in order, at most so many.
    package final func alerts(after seq: Int, limit: Int = Int.max) throws -> [AlertRecord] {
        try with("SELECT seq, time, severity, json, text FROM alert WHERE seq > ? ORDER BY seq LIMIT ?") { statement in
            statement.bind(1, seq)
            statement.bind(2, limit)
            var alerts: [AlertRecord] = []
            while try statement.step() {
                alerts.append(
                    AlertRecord(
                        seq: statement.int(0), time: Instant(milliseconds: statement.int64(1)),
                        severity: statement.text(2),
                        json: statement.text(3), text: statement.text(4)))
            }
            return alerts
        }
    }

    /// The alerts whose time lies in a stretch, in order.
    package final func alerts(in window: Window) throws -> [AlertRecord] {
        try alerts(after: 0).filter { window.contains($0.time) }
    }

    /// The number of the last alert; 0 where there is none.
    package final func lastAlert() throws -> Int { Int(try integer("SELECT max(seq) FROM alert") ?? 0) }

    /// How far the alerts have come into a file; nil where nothing is known of the path.
    package final func delivery(_ path: String) throws -> AlertDelivery? {
        try with("SELECT delivered, lines, device, inode, \"offset\" FROM delivery WHERE path = ?") { statement in
            statement.bind(1, path)
            guard try statement.step() else { return nil }
            return AlertDelivery(
                path: path, delivered: statement.int(0), lines: statement.int(1), device: statement.int64(2),
                inode: statement.int64(3), offset: statement.int64(4))
        }
    }

    /// The time of the engine at the last commit; nil in a new database.
    package final func clock() throws -> Instant? {
        try settle()
        let hot = try integer("SELECT clock FROM hot WHERE clock IS NOT NULL ORDER BY seq DESC LIMIT 1")
        let noted = try integer("SELECT value FROM meta WHERE key = 'clock'")
        guard hot != nil || noted != nil else { return nil }
        // A hot row's clock is the newer one: setting the clock without readings writes the note and is rare.
        return Instant(milliseconds: max(hot ?? .min, noted ?? .min))
    }

    /// A text kept under a key: the site, the configuration's text, whatever the daemon wants to find again.
    package final func note(_ key: String) throws -> String? {
        try with("SELECT value FROM meta WHERE key = ?") { statement in
            statement.bind(1, "note." + key)
            return try statement.step() ? statement.textOrNil(0) : nil
        }
    }

    /// What acquisition learned about a meter (e.g. its limits), by key.
    package final func learned(_ meter: String) throws -> [String: String] {
        try with("SELECT key, value FROM learned WHERE meter = ?") { statement in
            statement.bind(1, meter)
            var facts: [String: String] = [:]
            while try statement.step() { facts[statement.text(0)] = statement.text(1) }
            return facts
        }
    }
}
