import Conformity
import Metering
import Storage

extension SalvageReport {
    /// The numbers as they stand in a journal line.
    var members: [CanonicalJSON.Member] {
        [
            .init("readings", .integer(readings)), .init("lost_readings", .integer(lostReadings)),
            .init("lost_chunks", .integer(losses.count)), .init("unreadable_pages", .integer(unreadablePages)),
            .init("lost_log_pages", .integer(lostLogPages)),
            .init("broken_rows", .integer(brokenRows + brokenFreshRows)),
            .init("lost_nonconformities", .integer(lostNonconformities)),
        ] + journalMembers
    }

    /// Where the damaged database's journal ended, and what is missing in it: this line follows that hash.
    var journalMembers: [CanonicalJSON.Member] {
        [
            .init("journal_line", .integer(journalSequence)), .init("journal_hash", .text(journalHash)),
            .init("journal_altered", .list(alteredJournalLines.map { .integer($0) })),
            .init("journal_gaps", .list(journalGaps.map { .text("\($0.lowerBound)-\($0.upperBound)") })),
        ]
    }

    /// One clause: what is there, and what is not.
    var briefly: String {
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

    /// The account for people, a line each; at most so many losses are told one by one.
    package func lines(mostLosses: Int = 40) -> [String] {
        var lines = [
            "source\t\(source)",
            "pages\t\(pages), \(unreadablePages) unreadable; \(lostLogPages) lost at the end of the log",
            "readings\t\(readings) kept, \(lostReadings) lost in \(losses.count) chunks",
        ]
        for loss in losses.prefix(mostLosses) {
            lines.append(
                "lost\t\(loss.point) \(loss.stretch.start.text) to \(loss.stretch.end.text): \(loss.readings) readings")
        }
        if losses.count > mostLosses { lines.append("lost\tand \(losses.count - mostLosses) chunks more") }
        if brokenFreshRows > 0 { lines.append("lost\t\(brokenFreshRows) rows of fresh readings") }
        for (table, name) in [
            ("value", "indicator values"), ("verdict", "verdicts"), ("ledger", "ledger entries"), ("alert", "alerts"),
        ] {
            lines.append("\(name)\t\(rows[table] ?? 0) kept")
        }
        lines.append("nonconformities\t\(rows["nonconformity"] ?? 0) kept, \(lostNonconformities) lost")
        let gaps = journalGaps.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
        lines.append(
            "journal\t\(rows["journal"] ?? 0) lines kept, the last is \(journalSequence)"
                + (gaps.isEmpty ? "; none is missing" : "; missing: \(gaps.joined(separator: ", "))"))
        if let first = alteredJournalLines.first {
            lines.append(
                "altered\t\(alteredJournalLines.count) lines of the journal do not follow, the first is \(first)")
        }
        if brokenRows > 0 { lines.append("broken\t\(brokenRows) rows of these tables could not be read") }
        if nameless > 0 {
            lines.append("nameless\t\(nameless), kept as lost.point-N, lost-indicator-N, lost-objective-N")
        }
        return lines.map { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            return parts[0].padding(to: 18) + parts[1]
        }
    }
}

extension Substring {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(1, width - count))
    }
}
