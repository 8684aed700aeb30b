import Conformity
import Foundation
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// How a record stood where the readings of a bundle begin: what whoever computes it once more goes on from.
///
/// Names and definitions; what cannot be computed from the readings of the bundle, as it stands on record: the values that
/// a baseline or a model is of, decisions about counters that were pending, the last verdicts with what they had added up,
/// what was ongoing. A line `record.standing` of the journal seals it.
struct RecordBeginning {
    /// Its name in a bundle.
    static let file = "before.jsonl"

    private let scope: BundleScope
    /// From the first reading of the bundle on, before the end of the last sealed stretch.
    let readings: Window

    /// The beginning of the bundle of a scope with those stretches of readings; nil where it has none.
    init?(_ scope: BundleScope, _ stretches: [Window]) {
        guard let first = stretches.first?.start, let last = stretches.last?.end else { return nil }
        self.scope = scope
        readings = Window(start: first, end: last)
    }

    /// From when on its readings are.
    var begin: Instant { readings.start }

    /// The file, a line an object: first what the bundle is of, then the rows.
    func text(_ reader: StoreReader) throws -> String {
        let head = KeptText.head(scope, readings, try ends(.value, reader), try ends(.verdict, reader))
        let lines = [head] + (try rows(reader)).map { KeptText.line($0) }
        return lines.map { $0.canonicalText + "\n" }.joined()
    }

    /// By name, the end of the last window that the bundle has of what was asked for: what is missing before it was taken out.
    private func ends(_ table: KeptTable, _ reader: StoreReader) throws -> [String: Instant] {
        let things = table == .value ? KeptTable.indicator : .objective
        var ends: [String: Instant] = [:]
        for row in try reader.kept(things) {
            guard let number = row["id"], case .text(let name)? = row.cells["name"],
                (table == .value ? scope.indicators : scope.objectives).contains(name)
            else { continue }
            let last = try reader.kept(
                table,
                where: """
                    \(things.rawValue) = \(number) AND "end" = (SELECT max(w."end") FROM \(table.rawValue) AS w
                        WHERE w.\(things.rawValue) = \(number) AND w."end" <= \(scope.windows.end.milliseconds)
                            AND w.start >= \(scope.windows.start.milliseconds))
                    """)
            if let end = last.last?["end"] { ends[name] = Instant(milliseconds: end) }
        }
        return ends
    }

    private func rows(_ reader: StoreReader) throws -> [KeptRow] {
        let first = scope.versions.min() ?? 1
        var rows = try reader.kept(.meta, where: "key IN ('record_start', 'note.exchanges')")
        for table in [KeptTable.point, .indicator, .objective] { rows += try reader.kept(table) }
        for table in [KeptTable.configuration, .configurationFile] {
            rows += try reader.kept(table, where: "version >= \(first)")
        }
        for table in [KeptTable.renaming, .definitionEnd] { rows += try reader.kept(table) }
        guard let start = try reader.recordStart(), start < readings.start else { return rows }
        let plan = try RetracePlan(reader, part: readings, deleted: readings.start)
        let names = try RecordWords(reader)
        let lasting = try lasting(plan, names, reader)
        let values = try values(plan, names, lasting, reader)
        rows += values
        for name in scope.points.sorted() {
            guard let number = names.number(.point, name) else { continue }
            let until = min(plan.seed.decided[number] ?? readings.start, readings.end).milliseconds
            let since = readings.start.milliseconds - 2 * 86_400_000
            rows += try reader.kept(.ledger, where: "point = \(number) AND time >= \(since) AND time < \(until)")
        }
        var closed: [Int64: Int64] = [:]
        for row in values {
            guard let indicator = row["indicator"], let end = row["end"] else { continue }
            closed[indicator] = max(closed[indicator] ?? end, end)
        }
        return rows + (try judged(closed, plan, names, lasting, reader))
    }

    /// By the database's number of an objective that was asked for, the onset of the first breach that lasted where the readings
    /// begin: its evidence is collected from there when it ends.
    private func lasting(
        _ plan: RetracePlan, _ names: RecordWords, _ reader: StoreReader
    ) throws -> [Int64: Int64] {
        var onsets: [Int64: Int64] = [:]
        for name in scope.objectives {
            guard let number = names.number(.objective, name) else { continue }
            let found = try reader.kept(
                .nonconformity,
                where: """
                    objective = \(Self.quoted(name)) AND onset < \(edge(number, plan))
                        AND coalesce(cleared_at, withdrawn_at, \(Int64.max)) > \(readings.start.milliseconds)
                    """)
            onsets[number] = found.compactMap { $0["onset"] }.min()
        }
        return onsets
    }

    /// Up to when what an objective judges stands as it is on record.
    private func edge(_ objective: Int64, _ plan: RetracePlan) -> Int64 {
        let standing = plan.seed.judged[objective].flatMap { plan.seed.standing[$0] } ?? readings.start
        return min(max(standing, readings.start), readings.end).milliseconds
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    // MARK: Values

    /// The values that stand as they are: the last one of each indicator before the readings, those that take in what was read
    /// before, and those that a baseline or a model is of.
    private func values(
        _ plan: RetracePlan, _ names: RecordWords, _ lasting: [Int64: Int64], _ reader: StoreReader
    ) throws -> [KeptRow] {
        let begin = readings.start.milliseconds
        let final = """
            revision = (SELECT max(w.revision) FROM value AS w WHERE w.indicator = value.indicator
                AND w."end" = value."end" AND w.start = value.start)
            """
        let periods = periods(plan, begin)
        var rows: [KeptRow] = []
        for number in try reader.kept(.indicator).compactMap({ $0["id"] }) {
            var conditions = [
                "\"end\" = (SELECT max(w.\"end\") FROM value AS w WHERE w.indicator = \(number) AND w.\"end\" <= \(begin))"
            ]
            if scope.indicators.contains(names.name(.indicator, .integer(number))) {
                let standing = min(plan.seed.standing[number] ?? readings.start, readings.end).milliseconds
                conditions.append(
                    "\"end\" > \(begin) AND start < \(standing) AND \"end\" <= \(scope.windows.end.milliseconds)")
                for (objective, onset) in lasting where plan.seed.judged[objective] == number {
                    conditions.append("start >= \(onset) AND \"end\" <= \(begin)")
                }
                for period in periods {
                    conditions.append(
                        "start >= \(period.start.milliseconds) AND \"end\" <= \(min(period.end.milliseconds, begin))")
                }
            }
            let any = conditions.map { "(\($0))" }.joined(separator: " OR ")
            rows += try reader.kept(.value, where: "indicator = \(number) AND \(final) AND (\(any))")
        }
        return rows
    }

    /// The stretches before the readings over which baselines and models are taken.
    private func periods(_ plan: RetracePlan, _ begin: Int64) -> [Window] {
        var periods: Set<Window> = []
        for stage in plan.stages {
            for objective in stage.plant.objectives {
                if case .mean(let stretch) = objective.requirement.demand.baseline { periods.insert(stretch) }
            }
            for indicator in stage.plant.plan.indicators {
                if let model = indicator.model { periods.insert(model.baseline) }
            }
        }
        return periods.filter { $0.start.milliseconds < begin }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    // MARK: Verdicts and nonconformities

    /// Of each objective the last verdict before what is judged once more, with its memory, and the last one that could be given;
    /// of those asked for, what was raised by then and lasted, or came last.
    private func judged(
        _ closed: [Int64: Int64], _ plan: RetracePlan, _ names: RecordWords, _ lasting: [Int64: Int64],
        _ reader: StoreReader
    ) throws -> [KeptRow] {
        let begin = readings.start.milliseconds
        var rows: [KeptRow] = []
        var raised: [KeptRow] = []
        for number in try reader.kept(.objective).compactMap({ $0["id"] }) {
            let name = names.name(.objective, .integer(number))
            let isAsked = scope.objectives.contains(name)
            let end = max(plan.seed.judged[number].flatMap { closed[$0] } ?? begin, begin)
            let last = "SELECT max(w.\"end\") FROM verdict AS w WHERE w.objective = \(number) AND w.\"end\" <= \(begin)"
            let notEvaluable = Verdict.notEvaluable.rawValue
            var conditions = ["\"end\" = (\(last))", "\"end\" = (\(last) AND w.verdict <> \(notEvaluable))"]
            if isAsked { conditions.append("\"end\" > \(begin) AND \"end\" <= \(end)") }
            if let onset = lasting[number] { conditions.append("start >= \(onset) AND \"end\" <= \(begin)") }
            let any = conditions.map { "(\($0))" }.joined(separator: " OR ")
            let verdicts = try reader.kept(.verdict, where: "objective = \(number) AND (\(any))")
            rows += try verdicts.map { try remembering($0, reader) }
            guard isAsked else { continue }
            let quoted = Self.quoted(name)
            raised += try reader.kept(
                .nonconformity,
                where: """
                    objective = \(quoted) AND raised_at <= \(end) AND remark IS NOT 'revised' AND (
                        coalesce(cleared_at, withdrawn_at, \(Int64.max)) > \(begin) OR raised_at = (
                            SELECT max(n.raised_at) FROM nonconformity AS n
                            WHERE n.objective = \(quoted) AND n.raised_at <= \(begin) AND n.remark IS NULL))
                    """)
        }
        for row in raised {
            var row = row
            // What people do with it changes nothing of what follows.
            row.cells["state"] = .text("open")
            rows.append(row)
            guard let number = row["number"] else { continue }
            rows += try reader.kept(
                .evidence, where: "number = \(number) AND \"end\" <= \(scope.windows.end.milliseconds)")
        }
        return rows
    }

    /// A verdict with the memory that is only stored where it changed.
    private func remembering(_ row: KeptRow, _ reader: StoreReader) throws -> KeptRow {
        guard row.cells["memory"] == .null, let objective = row["objective"], let end = row["end"] else { return row }
        let before = try reader.kept(
            .verdict,
            where: """
                objective = \(objective) AND "end" = (SELECT max(w."end") FROM verdict AS w
                    WHERE w.objective = \(objective) AND w."end" <= \(end) AND w.memory IS NOT NULL)
                """)
        var row = row
        row.cells["memory"] = before.last?.cells["memory"] ?? .null
        return row
    }
}
