import DatabaseFile
import Evidence
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import Recording
import SignedNotes
import Storage

/// The whole check of a record: what was sealed and signed, and whether everything follows from the readings.
///
/// ```
/// let report = try RecordVerification(store).run()
/// print(report.text)
/// ```
package struct RecordVerification {
    private struct Ended: Error {}

    private let store: PlantStore
    private let trusted: [VerifierKey]
    private let older: SignedNote?
    private let part: Window?

    /// A check of a store. `trusted` are keys that the reader knows from elsewhere, `older` is a head that somebody kept;
    /// `part` is the stretch that is made once more, nil for all.
    package init(
        _ store: PlantStore, trusting trusted: [VerifierKey] = [], since older: SignedNote? = nil, part: Window? = nil
    ) {
        self.store = store
        self.trusted = trusted
        self.older = older
        self.part = part
    }

    /// Looks at everything; `isOver` ends it early.
    package func run(
        isOver: @escaping () -> Bool = { false }, progress: @escaping (WorkProgress) -> Void = { _ in }
    ) throws -> CheckReport {
        var facts = JournalFacts()
        let span = try span()
        var counted = 0
        // What is read below may hide what is damaged elsewhere.
        let damage = try store.damage()
        var report = try RecordCheck(store, trusting: trusted, since: older).run(isOver: isOver) {
            facts.take($0)
        } progress: { readings, position in
            counted += readings
            progress(Self.progress("seals", counted, position, in: span))
        }
        if let damage { report.differs("the database file: \(damage)") }
        if report.isCutShort { return report }
        counted = 0
        var deleted = try deleted(facts, &report)
        if let hole = facts.lost.max(by: { $0.stretch.end < $1.stretch.end }) {
            report.remark(
                "readings up to \(hole.stretch.end.text) were lost with a damaged file (journal line \(hole.line)): what was "
                    + "made of them stands as it is on record")
            deleted = max(deleted ?? hole.stretch.end, hole.stretch.end)
        }
        do {
            try RecordComparison(store, part: part, deleted: deleted).run(into: &report, facts: facts) {
                readings, position in
                if isOver() { throw Ended() }
                counted += readings
                progress(Self.progress("recomputing", counted, position, in: span))
            }
        } catch is Ended {
            report.isCutShort = true
        } catch let fault as StoreFault where fault.kind == .corrupt {
            report.differs(fault.message)
        }
        return report
    }

    private static func progress(
        _ work: String, _ readings: Int, _ position: Instant, in span: Window
    ) -> WorkProgress {
        let done = Double(position - span.start) / Double(max(1, span.end - span.start))
        return WorkProgress(work, readings, "readings", share: done, detail: String(position.text.prefix(10)))
    }

    /// Before when readings may be gone: a line of the journal says so, or the retention in force.
    ///
    /// What the database alone says is not believed: whoever deletes readings would write it there.
    private func deleted(_ facts: JournalFacts, _ report: inout CheckReport) throws -> Instant? {
        let (noted, clock, last) = try store.show { reader in
            (
                try reader.readingsDeletedUpTo(), try reader.clock(),
                try reader.configurationInForce().flatMap { try Plant(kept: $0, in: reader) }
            )
        }
        guard let noted else { return nil }
        var believed = facts.deletedUpTo ?? .distantPast
        if let clock, let retention = last?.storage.readingRetention { believed = max(believed, clock - retention) }
        // Where it stands is taken at the time of the check, a moment after it was deleted.
        if noted > believed + 3_600_000 {
            report.differs(
                "readings before \(noted.text) are noted as deleted, but neither the retention in force nor a line of the "
                    + "journal says so")
            return believed == .distantPast ? nil : believed
        }
        return noted
    }

    private func span() throws -> Window {
        try store.show { reader in
            let start = try reader.recordStart() ?? .distantPast
            return Window(
                start: max(start, part?.start ?? start),
                end: min(try reader.clock() ?? start, part?.end ?? .distantFuture))
        }
    }
}
