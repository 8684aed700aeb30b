import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import Recording
import Storage
import StoreComparison

/// Holds the rows of a bundle's tables against those that were made once more from its readings.
struct BundleComparison {
    private let record: BundleRecord
    private let plan: RetracePlan
    private let words: RecordWords
    private let edges: BundleEdges
    private let facts: JournalFacts

    init(
        _ record: BundleRecord, _ plan: RetracePlan, _ words: RecordWords, _ edges: BundleEdges, _ facts: JournalFacts
    ) {
        (self.record, self.plan, self.words, self.edges, self.facts) = (record, plan, words, edges, facts)
    }

    // MARK: Rows

    /// Values by their final revisions.
    func windows(_ stored: [[String]], _ made: [[String]], _ versions: Int, _ report: inout CheckReport) {
        let columns = [(3, "value"), (4, "unit"), (5, "status"), (6, "coverage"), (7, "flags")]
        let rows = Rows(stored, columns: 10, "windows.csv", &report)
        let others = Rows(made.map(Self.unrevised), columns: 10, "windows.csv", &report)
        var open = 0
        for (key, row) in rows.last.sorted(by: { $0.key < $1.key }) {
            if isOpen(edges.indicators, .indicator, row) {
                open += 1
                continue
            }
            report.values += 1
            let what = "value of \(row[0]) from \(row[1]) to \(row[2])"
            guard let other = others.last[key] else {
                // A day that no longer counts has none.
                if !row[7].contains("withdrawn") { report.differs("\(what): nothing makes it from the readings") }
                continue
            }
            compare(Self.unrevised(row), other, columns, what, &report)
            version(row[9], other[9], versions, what, &report)
        }
        for (key, row) in others.last.sorted(by: { $0.key < $1.key })
        where rows.last[key] == nil && isDue(record.kept.valued, row) && !row[7].contains("withdrawn")
            && !isOpen(edges.indicators, .indicator, row)
        {
            report.differs(
                "value of \(row[0]) from \(row[1]) to \(row[2]): the readings make it, it is not in the bundle")
        }
        if open > 0 {
            report.remark(
                "\(open) windows were not computed again: the next reading of a counter that they use is not in the bundle"
            )
        }
    }

    /// Verdicts.
    func verdicts(_ stored: [[String]], _ made: [[String]], _ versions: Int, _ report: inout CheckReport) {
        let columns = [(3, "verdict"), (4, "value"), (5, "limit"), (6, "unit")]
        let rows = Rows(stored, columns: 8, "verdicts.csv", &report)
        let others = Rows(made, columns: 8, "verdicts.csv", &report)
        for number in plan.unfounded.sorted() {
            let name = words.name(.objective, .integer(number))
            guard record.kept.scope.objectives.contains(name) else { continue }
            report.remark(
                "the verdicts of \(name) were not given again: they are measured against readings from before the bundle"
            )
        }
        for (key, row) in rows.last.sorted(by: { $0.key < $1.key }) where isJudged(row) {
            report.verdicts += 1
            let what = "verdict of \(row[0]) from \(row[1]) to \(row[2])"
            guard let other = others.last[key] else {
                report.differs("\(what): nothing makes it from the readings")
                continue
            }
            compare(row, other, columns, what, &report)
            version(row[7], other[7], versions, what, &report)
        }
        for (key, row) in others.last.sorted(by: { $0.key < $1.key })
        where rows.last[key] == nil && isDue(record.kept.judged, row) && isJudged(row) {
            report.differs(
                "verdict of \(row[0]) from \(row[1]) to \(row[2]): the readings make it, it is not in the bundle")
        }
    }

    /// Decisions about counters.
    func decisions(_ stored: [[String]], _ made: [[String]], _ report: inout CheckReport) {
        let columns = [(3, "advance"), (4, "last suspect")]
        let rows = Rows(stored, columns: 5, "ledger.csv", &report)
        let others = Rows(made, columns: 5, "ledger.csv", &report)
        func isSettled(_ row: [String]) -> Bool {
            guard let number = words.number(.point, row[0]), let time = Instant(row[1]) else { return true }
            return time <= edges.points[number] ?? .distantFuture
        }
        for (key, row) in rows.last.sorted(by: { $0.key < $1.key }) where isSettled(row) {
            report.decisions += 1
            let what = "decision \(row[2]) about \(row[0]) at \(row[1])"
            guard let other = others.last[key] else {
                report.differs("\(what): nothing makes it from the readings")
                continue
            }
            compare(row, other, columns, what, &report)
        }
        for (key, row) in others.last.sorted(by: { $0.key < $1.key }) where rows.last[key] == nil && isSettled(row) {
            report.differs(
                "decision \(row[2]) about \(row[0]) at \(row[1]): the readings make it, it is not in the bundle")
        }
    }

    /// Rows of a table by their first three columns, of several the last.
    private struct Rows {
        private(set) var last: [String: [String]] = [:]

        init(_ rows: [[String]], columns: Int, _ name: String, _ report: inout CheckReport) {
            for row in rows {
                guard row.count == columns else {
                    report.differs("\(name): the row \(row.joined(separator: ",")) has \(row.count) columns")
                    continue
                }
                last[row[0...2].joined(separator: " ")] = row
            }
        }
    }

    private func compare(
        _ stored: [String], _ made: [String], _ columns: [(place: Int, name: String)], _ what: String,
        _ report: inout CheckReport
    ) {
        let other = columns.filter { stored[$0.place] != made[$0.place] }
        guard !other.isEmpty else { return }
        func say(_ row: [String]) -> String {
            other.map { "\($0.name) \(row[$0.place].isEmpty ? "none" : row[$0.place])" }.joined(separator: " ")
        }
        report.differs("\(what): in the bundle \(say(stored)), recomputed \(say(made))")
    }

    /// A revision is of a later configuration than what was made first, never of an earlier.
    private func version(
        _ stored: String, _ made: String, _ versions: Int, _ what: String, _ report: inout CheckReport
    ) {
        if stored == made { return }
        guard let one = Int(stored), let other = Int(made), one >= other, one <= versions else {
            return report.differs("\(what): in the bundle it is of configuration \(stored), recomputed of \(made)")
        }
    }

    private static func unrevised(_ row: [String]) -> [String] {
        guard row.count == 10 else { return row }
        var row = row
        row[7] = row[7].split(separator: " ").filter { $0 != "revised" }.joined(separator: " ")
        return row
    }

    /// Whether a window ends after the readings of its counters.
    private func isOpen(_ ends: [Int64: Instant], _ table: ComparedTable, _ row: [String]) -> Bool {
        guard let number = words.number(table, row[0]), let end = Instant(row[2]) else { return false }
        return end > ends[number] ?? .distantFuture || end > plan.end
    }

    private func isJudged(_ row: [String]) -> Bool {
        if let number = words.number(.objective, row[0]), plan.unfounded.contains(number) { return false }
        return !isOpen(edges.objectives, .objective, row)
    }

    /// Whether a window had ended when the bundle was made.
    private func isDue(_ ends: [String: Instant], _ row: [String]) -> Bool {
        guard let end = Instant(row[2]), let last = ends[row[0]] else { return false }
        return end <= last
    }

    // MARK: Revisions

    /// Each revision but the first is a line of the journal, with the value before it.
    func revisions(_ stored: [[String]], _ renamings: [[Renaming]], _ report: inout CheckReport) {
        var lines: [String: JournalFacts.Revision] = [:]
        for line in facts.revisions {
            let later = renamings.indices.contains(line.version) ? renamings[line.version] : []
            lines["\(later.present(.indicator, line.indicator)) \(line.start) \(line.end) \(line.revision)"] = line
        }
        var last: [String: [String]] = [:]
        for row in stored where row.count == 10 {
            let key = row[0...2].joined(separator: " ")
            let before = last[key]
            last[key] = row
            guard let before else {
                if row[8] != "1" {
                    report.differs("revision \(row[8]) of \(key): the ones before it are not in the bundle")
                }
                continue
            }
            report.revisions += 1
            let what = "revision \(row[8]) of \(row[0]) from \(row[1]) to \(row[2])"
            guard let line = lines["\(key) \(row[8])"] else {
                report.differs("\(what): no line of the journal explains it")
                continue
            }
            if line.after != Self.value(row) { report.differs("\(what): the journal has another value") }
            if line.before != Self.value(before) {
                report.differs("\(what): the journal has another value before it than revision \(before[8])")
            }
        }
    }

    private static func value(_ row: [String]) -> JournalFacts.Revision.Value {
        let words = row[7].split(separator: " ").map(String.init)
        return JournalFacts.Revision.Value(
            value: Double(row[3]), status: row[5], coverage: Double(row[6]) ?? .nan,
            flags: row[8] == "1" ? words.filter { $0 != "revised" } : words)
    }

    // MARK: Nonconformities

    /// Breaches of the objectives that the bundle is of; `known` are those that stand at its beginning.
    func nonconformities(
        _ lives: [BundledLife], known: [Nonconformity], made: [Nonconformity], _ renamings: [[Renaming]],
        _ report: inout CheckReport
    ) {
        let scope = record.kept.scope
        let stored = lives.map(\.found)
        let ids = Set(stored.map(\.id))
        var (asked, others) = (stored + known.filter { !ids.contains($0.id) }, made)
        for place in asked.indices where asked[place].recurrenceOf.map(ids.contains) != true {
            // The journal has which one it repeats (``BundledLife/fault(_:)``); that one is not in the bundle.
            asked[place].recurrenceOf = nil
            for other in others.indices where Self.isSame(others[other], asked[place]) {
                others[other].recurrenceOf = nil
            }
        }
        var onsets = Dictionary(made.map { ($0.id, $0.onset) }, uniquingKeysWith: { $1 })
        for one in stored { onsets[one.id] = one.onset }
        let skipped = Set(plan.unfounded.map { words.name(.objective, .integer($0)) })
        let names = scope.objectives.union(asked.map(\.objective))
        for name in names.sorted() {
            let own = asked.filter { $0.objective == name }
            let last = record.kept.judged[name] ?? plan.end
            let cut = min(last, words.number(.objective, name).flatMap { edges.objectives[$0] } ?? plan.end, plan.end)
            // A bundle of one has not the others of its objective.
            let wanted = others.filter { one in
                one.objective == name
                    && (own.contains { Self.isSame($0, one) }
                        || !scope.isOfOne && scope.windows.contains(one.onset) && one.raisedAt <= cut)
            }
            let comparison = NonconformityComparison(stored: own, made: wanted, onsets: onsets) {
                renamings.indices.contains($0) ? renamings[$0] : []
            }
            for difference in comparison.differences(
                after: plan.begin, through: cut, cut: cut, deleted: record.begin, skipping: skipped)
            {
                report.differs(difference.sentence)
            }
            for one in own
            where one.kind == .breach && ids.contains(one.id)
                && one.clearedAt ?? one.withdrawnAt ?? .distantFuture > cut
            {
                report.remark(
                    "\(one.id) lasts beyond what is judged in the bundle: its peak and what was read of its points were not "
                        + "computed again")
            }
        }
        report.nonconformities += stored.count
    }

    private static func isSame(_ one: Nonconformity, _ other: Nonconformity) -> Bool {
        one.objective == other.objective && one.onset == other.onset
    }
}
