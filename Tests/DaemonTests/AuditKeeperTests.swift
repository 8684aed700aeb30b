import Conformity
import Evidence
import Foundation
import Logging
import Metering
import Storage
import TestKit
import Testing

@testable import Daemon

@Suite("Heads at midnight, by a clock that goes wrong")
struct AuditKeeperTests {
    private static let day: Int64 = 86_400_000
    private static let noon = Instant(milliseconds: 1_780_315_200_000)  // 2026-06-01T12:00:00Z

    /// A keeper with a key, whose lines go straight into the journal.
    private final class Works {
        private let folder: TemporaryFolder
        var directory: String { folder.path }
        let store: PlantStore
        let keeper: AuditKeeper
        private let calendar = SiteCalendar(identifier: "Europe/Stockholm")!

        init() throws {
            folder = try TemporaryFolder()
            let store = try PlantStore(directory: folder.path, access: .owner(create: true, sync: .normal))
            self.store = store
            _ = try KeyFile.make(folder.file("audit.key"), name: "plant.example/emsd")
            keeper = AuditKeeper(store, logger: Logger(label: "test"), heads: HeadKeeper(store, environment: [:])) {
                entry, _, also in
                try store.write { writer in
                    let head = try writer.journalHead()
                    var chain = JournalChain(sequence: head.seq, hash: head.hash)
                    let line = chain.append(entry)
                    try writer.appendJournal([
                        JournalRecord(seq: line.sequence, time: .distantPast, line: line.text, hash: line.hash)
                    ])
                    try also(writer)
                }
            }
        }

        /// Looks at an instant, and returns when the heads so far were signed.
        func look(_ now: Instant) throws -> [Instant] {
            keeper.look(now: now, calendar: calendar) {}
            #expect(keeper.fault == nil)
            return try store.read { try $0.heads() }.map(\.time)
        }
    }

    @Test("each day has its head, also the one to which a clock was set back, and the days after it")
    func setBack() throws {
        let works = try Works()
        let noon = Self.noon
        #expect(try works.look(noon) == [noon])
        #expect(try works.look(noon + 3_600_000) == [noon])
        // A day too far, and back again.
        let wrong = noon + Self.day
        #expect(try works.look(wrong) == [noon, wrong])
        let back = noon + 7_200_000
        #expect(try works.look(back) == [noon, wrong, back])
        #expect(try works.look(back + 60_000) == [noon, wrong, back])
        let midnight = noon + 10 * 3_600_000
        #expect(try works.look(midnight) == [noon, wrong, back, midnight])
        #expect(try works.look(midnight + 20 * 3_600_000).count == 4)
        let next = midnight + Self.day
        #expect(try works.look(next) == [noon, wrong, back, midnight, next])
        // In order of their signing, each over at least what the one before is over.
        let sizes = try works.store.read { try $0.heads() }.map(\.size)
        #expect(sizes == sizes.sorted())
        let report = try RecordCheck(works.store).run()
        #expect(report.holds && report.heads == 5, "\(report.text)")
    }
}
