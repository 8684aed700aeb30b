import Conformity
import Evidence
import Foundation
import Metering
import SignedNotes
import Storage
import Testing

@Suite struct RecordCheckTests {
    private static let calendar = SiteCalendar(identifier: "Europe/Stockholm")!
    private static let day: Int64 = 86_400_000
    private static let begin = at(1_767_225_600_000)

    /// Three days of two points, sealed, with a head of each day and 300 lines between.
    private func record() throws -> SignedRecord {
        let record = try SignedRecord()
        try record.store.adopt(
            StoreNames(
                points: ["m.power", "m.flow"].map { StoreNames.Point(name: $0, kind: .gauge, unit: "kW") },
                indicators: [], objectives: []))
        let vkey = record.key.current.verifier.text
        try record.write({ "{\"seq\":\($0),\"type\":\"key.first\",\"vkey\":\"\(vkey)\"}" }, count: 1)
        for day in 0..<3 {
            let start = Self.begin + Int64(day) * Self.day
            let readings = (0..<200).map { Reading(PointIndex($0 % 2), start + Int64($0) * 60_000, Double($0) / 3) }
            try record.store.write { try $0.append(readings) }
            let now = start + Self.day
            let sealer = DaySealer(record.store, calendar: Self.calendar)
            try sealer.expire(now: now)
            try sealer.run { seal, also in
                try record.write({ seal.entry(at: now).text(sequence: $0) }, count: 1)
                try record.store.write { try also($0) }
            }
            try record.write(lines: 150)
            try record.keeper.sign(now: now)
        }
        return record
    }

    private func check(_ record: SignedRecord, since head: SignedNote? = nil) throws -> CheckReport {
        try RecordCheck(record.store, trusting: [record.key.current.verifier], since: head).run()
    }

    @Test("a record that nobody changed holds, also by the key that it names itself")
    func holds() throws {
        let record = try record()
        for report in [try check(record), try RecordCheck(record.store).run()] {
            #expect(report.holds, "\(report.text)")
            #expect((report.heads, report.days) == (3, 3))
            #expect(report.readings == 600)
            #expect(report.text.hasPrefix("all holds: "))
        }
    }

    @Test(
        "what somebody changes is found, and named",
        arguments: [
            ("UPDATE journal SET line = replace(line, 'seq', 'sep') WHERE seq = 7", "journal line 7"),
            ("DELETE FROM journal WHERE seq = 40", "journal"),
            ("DELETE FROM journal WHERE seq > 450", "covers"),
            ("UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 9) WHERE seq = 8", "journal line 8"),
            ("UPDATE tile SET root = zeroblob(32) WHERE number = 0", "tile 0"),
            ("DELETE FROM head WHERE number = 3", "emsd.head"),
            ("DELETE FROM head WHERE number = 1", "head 2"),
            ("UPDATE head SET size = size + 1 WHERE number = 2", "head 2"),
            ("UPDATE head SET note = replace(note, 'plant', 'plane') WHERE number = 2", "head 2"),
            ("DELETE FROM hot", "readings of m.flow"),
            ("DELETE FROM hot WHERE seq = (SELECT min(seq) FROM hot)", "none is stored"),
        ])
    func changed(sql: String, word: String) throws {
        let record = try record()
        try record.change(sql)
        let report = try check(record)
        #expect(!report.holds)
        #expect(report.text.contains(word), "\(report.text)")
        #expect(report.text.hasPrefix("NOT AS SEALED: "))
    }

    @Test("a journal built anew with a chain that holds is found by any head that was kept before")
    func rebuilt() throws {
        let record = try record()
        let kept = try #require(SignedNote(text: try record.heads()[0].note))
        try record.change("DELETE FROM journal; DELETE FROM head; DELETE FROM tile")
        try FileManager.default.removeItem(atPath: record.directory + "/emsd.head")
        let vkey = record.key.current.verifier.text
        try record.write({ "{\"seq\":\($0),\"type\":\"key.first\",\"vkey\":\"\(vkey)\"}" }, count: 1)
        try record.write({ "{\"seq\":\($0),\"other\":1}" }, count: 500)
        try record.keeper.sign(now: at(1))
        #expect(try check(record).holds)
        #expect(try check(record, since: kept).text.contains("the head that was kept"))
    }

    @Test("a head of another key is no head of this site")
    func otherKey() throws {
        let record = try record()
        let stranger = try #require(SignerKey(name: "plant.example/emsd"))
        let report = try RecordCheck(record.store, trusting: [stranger.verifier]).run()
        #expect(report.text.contains("no key that is known signed it"))
        #expect(report.count == 3)
    }

    @Test("what retention deleted is named, and is no fault")
    func deleted() throws {
        let record = try record()
        try record.store.write { writer in
            // Into chunks, which are what retention deletes.
            try writer.append((0..<5000).map { Reading(0, Self.begin + 10 * Self.day + Int64($0) * 1000, 1) })
        }
        let now = Self.begin + 12 * Self.day
        while try !record.store.tidy(now: now, readings: 10 * Self.day).isDone {}
        let report = try check(record)
        #expect(report.holds, "\(report.text)")
        #expect(report.deleted > 0)
        #expect(report.text.contains("deleted after their retention"))
    }

    @Test("a day that is to be sealed again is not compared, and that is said")
    func waiting() throws {
        let record = try record()
        try record.store.write { try $0.append([Reading(0, Self.begin + 30_000, 7)]) }
        let report = try check(record)
        #expect(report.holds && (report.days, report.waiting) == (2, 1), "\(report.text)")
        #expect(report.text.contains("1 days changed since they were sealed"))
    }

    @Test("a check that is ended early says so")
    func early() throws {
        let report = try RecordCheck(try record().store).run { true }
        #expect(report.isCutShort && !report.holds)
    }
}
