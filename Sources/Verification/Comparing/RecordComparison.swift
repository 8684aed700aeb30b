import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// Makes everything once more from the stored readings and holds each row of the record against it.
///
/// It works in a scratch database beside the record, which is read in short pieces: a running daemon is not held up, and
/// what it changes meanwhile is left out. Nothing is repaired.
package struct RecordComparison {
    private let store: PlantStore
    private let part: Window?
    private let deleted: Instant?

    /// A comparison of a store, or of the part of it in a stretch of time; readings before `deleted` are gone by rule.
    package init(_ store: PlantStore, part: Window? = nil, deleted: Instant? = nil) {
        self.store = store
        self.part = part
        self.deleted = deleted
    }

    /// What the record was when the check began.
    private struct Beginning {
        let plan: RetracePlan
        let words: RecordWords
        let lastLine: Int
        /// By the database's number of an indicator, the end of the window closed last.
        let closed: [Int64: Instant]
    }

    /// Compares, and writes into the report what differs; `progress` is called with how many readings were gone over since
    /// the last call and how far that has come, and may throw to end it.
    func run(
        into report: inout CheckReport, facts: JournalFacts?,
        progress: @escaping (_ readings: Int, _ position: Instant) throws -> Void
    ) throws {
        let beginning = try store.show { reader in
            let all = try reader.includingRemoved()
            var closed: [Int64: Instant] = [:]
            for (index, window) in try all.lastClosed().enumerated() {
                closed[all.number(ofIndicator: index)] = window?.end
            }
            return Beginning(
                plan: try RetracePlan(reader, part: part, deleted: deleted), words: try RecordWords(reader),
                lastLine: try reader.journalHead().seq, closed: closed)
        }
        for remark in beginning.plan.remarks { report.remark(remark) }
        if let facts { try History(facts, beginning.words).check(store, part: part, &report) }
        guard !beginning.plan.stages.isEmpty, beginning.plan.begin ?? .distantPast < beginning.plan.end else { return }
        try Retracing.run(beginning.plan, over: store, progress: progress) { scratch, retrace in
            var closed = try retrace.closedEnds()
            // A replay closes at its end what a running daemon leaves open.
            let isRecording = beginning.closed.contains { number, end in
                end <= beginning.plan.through && end > closed[number] ?? .distantFuture
            }
            if isRecording {
                try retrace.finish()
                closed = try retrace.closedEnds()
            }
            let news = try since(beginning.lastLine)
            try compareRows(scratch, beginning, closed, news, &report)
            try compareNonconformities(scratch, beginning, news, &report)
        }
    }

    /// What the journal got since the check began.
    private func since(_ line: Int) throws -> JournalFacts {
        var facts = JournalFacts()
        try store.show { reader in try reader.journal(from: line + 1) { facts.take($0) } }
        return facts
    }

    // MARK: Rows

    private func compareRows(
        _ scratch: PlantStore, _ beginning: Beginning, _ closed: [Int64: Instant], _ news: JournalFacts,
        _ report: inout CheckReport
    ) throws {
        let filter = RowFilter(beginning.plan, words: beginning.words, closed: closed, stored: beginning.closed, news)
        for table in ComparedTable.allCases {
            try scratch.compare(table) { difference in
                switch filter.counts(difference) {
                case .yes: report.differs(beginning.words.sentence(difference))
                case .movedOn: report.movedOn += 1
                case .no: break
                }
            }
        }
        for key in try scratch.differingMemories() {
            guard filter.countsVerdict(key) else { continue }
            report.differs(
                "\(beginning.words.what(.verdict, key)): what the judge remembered then is not what it must have been")
        }
        let stretch = Window(start: beginning.plan.begin ?? .distantPast, end: beginning.plan.end)
        try scratch.read { reader in
            let all = try reader.includingRemoved()
            for index in all.names.indicators.indices {
                try all.values(index, in: stretch) { _ in report.values += 1 }
            }
            for index in all.names.objectives.indices {
                try all.verdicts(index, in: stretch) { _ in report.verdicts += 1 }
            }
            report.decisions += try all.ledger(in: stretch).count
        }
    }

    private func compareNonconformities(
        _ scratch: PlantStore, _ beginning: Beginning, _ news: JournalFacts, _ report: inout CheckReport
    ) throws {
        let (stored, renamings) = try store.show { reader in
            let versions = Set(try reader.nonconformities().map { $0.version ?? 0 })
            return (
                try reader.nonconformities(),
                try Dictionary(uniqueKeysWithValues: versions.map { ($0, try reader.renamings(after: $0)) })
            )
        }
        let made = try scratch.read { try $0.nonconformities() }
        let plan = beginning.plan
        let skipped = Set(plan.unfounded.map { beginning.words.name(.objective, .integer($0)) })
        let comparison = NonconformityComparison(stored: stored, made: made) { renamings[$0] ?? [] }
        let differences = comparison.differences(
            after: plan.begin, through: plan.end, cut: plan.cut, deleted: deleted, skipping: skipped)
        for difference in differences {
            if news.steps[difference.id] != nil || difference.id.isEmpty && !news.steps.isEmpty {
                report.movedOn += 1
            } else {
                report.differs(difference.sentence)
            }
        }
        report.nonconformities += made.count
    }
}

/// Which differences between rows say that the record is another than it must be.
private struct RowFilter {
    enum Answer { case yes, no, movedOn }

    private let plan: RetracePlan
    private let words: RecordWords
    private let closed: [Int64: Instant]
    private let stored: [Int64: Instant]
    private let revised: Set<String>
    private let news: JournalFacts

    init(
        _ plan: RetracePlan, words: RecordWords, closed: [Int64: Instant], stored: [Int64: Instant],
        _ news: JournalFacts
    ) {
        (self.plan, self.words, self.closed, self.stored, self.news) = (plan, words, closed, stored, news)
        revised = Set(news.revisions.map { "\($0.indicator) \($0.start) \($0.end)" })
    }

    func counts(_ difference: RowDifference) -> Answer {
        switch difference.table {
        case .value: value(difference)
        case .ledger: decision(difference)
        case .verdict: countsVerdict(difference.key) ? .yes : .no
        case .definitionEnd:
            isTaken(difference) || place(difference) >= plan.versionAtCut ?? .max ? .no : .yes
        case .renaming: isTaken(difference) ? .no : .yes
        case .point, .indicator, .objective: thing(difference)
        }
    }

    /// Names as the last configuration has them. What it does not have any more may have given its name to another thing.
    private func thing(_ difference: RowDifference) -> Answer {
        guard let made = difference.made else { return .no }
        if made[1] != .null { return .yes }
        return difference.stored.map { $0.dropFirst() != made.dropFirst() } == true ? .yes : .no
    }

    /// Definitions that ended before are taken as they stand, and another configuration may have come meanwhile.
    private func isTaken(_ difference: RowDifference) -> Bool {
        place(difference) < plan.stages[0].version
            || plan.begin != nil && place(difference) == plan.stages[0].version
            || place(difference) > plan.stages[plan.stages.count - 1].version
    }

    private func place(_ difference: RowDifference) -> Int {
        Int(difference.key[difference.table == .renaming ? 0 : 2].integer ?? 0)
    }

    private func value(_ difference: RowDifference) -> Answer {
        guard let (number, window) = window(difference.key) else { return .yes }
        if stands(number, window) { return .no }
        if difference.stored == nil {
            // Nothing is missing that was not closed when the check began.
            return window.end <= min(stored[number] ?? .distantPast, closed[number] ?? .distantPast) ? .yes : .no
        }
        if difference.made == nil, window.end > closed[number] ?? .distantPast,
            window.end > stored[number] ?? .distantPast
        {
            return .movedOn
        }
        let key = "\(words.name(.indicator, difference.key[0])) \(window.start.text) \(window.end.text)"
        return revised.contains(key) ? .movedOn : .yes
    }

    private func decision(_ difference: RowDifference) -> Answer {
        guard let number = difference.key[0].integer, let time = difference.key[1].integer else { return .yes }
        let instant = Instant(milliseconds: time)
        if let begin = plan.begin, instant < plan.seed.decided[number] ?? begin + 1 { return .no }
        if instant > plan.end { return .no }
        let key = "\(words.name(.point, difference.key[0])) \(instant.text)"
        return news.decisions.contains(key) ? .movedOn : .yes
    }

    func countsVerdict(_ key: [StoredCell]) -> Bool {
        guard let (number, window) = window(key) else { return true }
        if plan.unfounded.contains(number) || window.end > plan.end { return false }
        if let begin = plan.begin, window.end <= begin { return false }
        let name = words.name(.objective, .integer(number))
        if news.verdicts.contains(where: { $0.objective == name }) || !news.revisions.isEmpty { return false }
        return true
    }

    private func stands(_ number: Int64, _ window: Window) -> Bool {
        if window.end > plan.end { return true }
        guard let begin = plan.begin else { return false }
        return window.end <= begin || window.start < plan.seed.standing[number] ?? .distantPast
    }

    private func window(_ key: [StoredCell]) -> (number: Int64, window: Window)? {
        guard let number = key[0].integer, let end = key[1].integer, let start = key[2].integer, start < end else {
            return nil
        }
        return (number, Window(start: Instant(milliseconds: start), end: Instant(milliseconds: end)))
    }
}
