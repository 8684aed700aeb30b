import Conformity
import Metering
import Salvage
import Storage

extension SalvageReport {

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
