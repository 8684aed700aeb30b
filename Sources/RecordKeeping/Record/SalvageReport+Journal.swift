import Conformity
import Salvage

extension SalvageReport {
    /// The numbers as they stand in a journal line.
    package var members: [CanonicalJSON.Member] {
        [
            .init("readings", .integer(readings)), .init("lost_readings", .integer(lostReadings)),
            .init("lost_chunks", .integer(losses.count)), .init("unreadable_pages", .integer(unreadablePages)),
            .init("lost_log_pages", .integer(lostLogPages)),
            .init("broken_rows", .integer(brokenRows + brokenFreshRows)),
            .init("lost_nonconformities", .integer(lostNonconformities)),
            // Enough to say where the record has holes; a thousand of them is no record any more.
            .init("losses", .list(losses.prefix(1000).map(\.canonical))),
        ] + journalMembers
    }

    /// Where the damaged database's journal ended, and what is missing in it: this line follows that hash.
    package var journalMembers: [CanonicalJSON.Member] {
        [
            .init("journal_line", .integer(journalSequence)), .init("journal_hash", .text(journalHash)),
            .init("journal_altered", .list(alteredJournalLines.map { .integer($0) })),
            .init("journal_gaps", .list(journalGaps.map { .text("\($0.lowerBound)-\($0.upperBound)") })),
        ]
    }

    /// One clause: what is there, and what is not.
    package var briefly: String {
        var lost: [String] = []
        if lostReadings > 0 { lost.append("\(lostReadings) readings in \(losses.count) chunks") }
        if lostNonconformities > 0 { lost.append("\(lostNonconformities) nonconformities") }
        if lostJournalLines > 0 { lost.append("\(lostJournalLines) lines of the journal") }
        if brokenRows + brokenFreshRows > 0 { lost.append("\(brokenRows + brokenFreshRows) rows") }
        if !alteredJournalLines.isEmpty { lost.append("\(alteredJournalLines.count) altered lines of the journal") }
        if lostLogPages > 0 { lost.append("\(lostLogPages) pages of the log") }
        let kept =
            "\(readings) readings, \(rows["value"] ?? 0) indicator values, "
            + "\(rows["nonconformity"] ?? 0) nonconformities, \(rows["journal"] ?? 0) lines of the journal"
        return "\(kept); \(lost.isEmpty ? "nothing known is lost" : "lost: " + lost.joined(separator: ", "))"
    }
}

extension SalvageReport.Loss {
    fileprivate var canonical: CanonicalJSON {
        .object([
            .init("point", .text(point)), .init("from", .text(stretch.start.text)),
            .init("until", .text(stretch.end.text)), .init("readings", .integer(readings)),
        ])
    }
}
