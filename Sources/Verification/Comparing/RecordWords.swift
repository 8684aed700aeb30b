import Conformity
import Indicators
import Metering
import Storage
import StoreComparison

/// Says what a row is and what stands in it, by the names in force.
struct RecordWords {
    private var names: [ComparedTable: [Int64: String]] = [:]

    /// The words for the rows of a record.
    init(_ reader: StoreReader) throws {
        let all = try reader.includingRemoved()
        for (index, point) in all.names.points.enumerated() {
            names[.point, default: [:]][all.number(ofPoint: PointIndex(index))] = point.name
        }
        for (index, indicator) in all.names.indicators.enumerated() {
            names[.indicator, default: [:]][all.number(ofIndicator: index)] = indicator.name
        }
        for (index, objective) in all.names.objectives.enumerated() {
            names[.objective, default: [:]][all.number(ofObjective: index)] = objective.name
        }
    }

    /// The name of a thing by its number in the database.
    func name(_ table: ComparedTable, _ cell: StoredCell) -> String {
        guard let number = cell.integer else { return "?" }
        return names[table]?[number] ?? "\(table.rawValue) \(number)"
    }

    /// The number of the thing with that name.
    func number(_ table: ComparedTable, _ name: String) -> Int64? { names[table]?.first { $0.value == name }?.key }

    /// The whole sentence about a row that differs.
    func sentence(_ difference: RowDifference) -> String {
        "\(what(difference.table, difference.key)): "
            + "\(text(difference.table, difference.stored) ?? "nothing is stored"), "
            + (text(difference.table, difference.made).map { "recomputed \($0.dropFirst("stored ".count))" }
                ?? "nothing makes it from the readings")
    }

    /// Which row it is.
    func what(_ table: ComparedTable, _ key: [StoredCell]) -> String {
        switch table {
        case .value: "value of \(name(.indicator, key[0])) from \(time(key[2])) to \(time(key[1]))"
        case .verdict: "verdict of \(name(.objective, key[0])) from \(time(key[2])) to \(time(key[1]))"
        case .ledger: "decision \(entry(key[2])) about \(name(.point, key[0])) at \(time(key[1]))"
        case .definitionEnd: "end of a definition (\(plain(key[0])) \(plain(key[1])), configuration \(plain(key[2])))"
        case .renaming: "renaming of the \(plain(key[1])) \(plain(key[2])) with configuration \(plain(key[0]))"
        case .point, .indicator, .objective: "\(table.rawValue) \(name(table, key[0])) among the names"
        }
    }

    private func text(_ table: ComparedTable, _ cells: [StoredCell]?) -> String? {
        guard let cells else { return nil }
        let words: [String] = zip(table.columns, cells).compactMap { column, cell in
            switch (table, column) {
            case (.value, "status"):
                cell.integer.flatMap { IndicatorStatus(rawValue: UInt8(truncatingIfNeeded: $0)) }?.text ?? "status ?"
            case (.value, "flags"): "flags \(cell.integer.map { String($0 & ~4) } ?? "?")"
            case (.verdict, "verdict"):
                cell.integer.flatMap { Verdict(rawValue: UInt8(truncatingIfNeeded: $0)) }?.text ?? "verdict ?"
            case (.value, "unknown"), (.verdict, "reason"): cell == .null ? nil : "\(column) \(plain(cell))"
            case (.ledger, "last_suspect"): "last suspect \(time(cell))"
            case (.definitionEnd, "end"): time(cell)
            default: "\(column) \(plain(cell))"
            }
        }
        let version = table.hasVersion ? cells.last.map { ["by configuration \(plain($0))"] } ?? [] : []
        return "stored " + (words + version).joined(separator: " ")
    }

    private func time(_ cell: StoredCell) -> String {
        cell.integer.map { Instant(milliseconds: $0).text } ?? "?"
    }

    private func entry(_ cell: StoredCell) -> String {
        cell.integer.flatMap { LedgerVerdict(rawValue: UInt8(truncatingIfNeeded: $0)) }?.text ?? "?"
    }

    private func plain(_ cell: StoredCell) -> String {
        switch cell {
        case .null: "none"
        case .integer(let number): String(number)
        case .real(let number): CanonicalJSON.text(of: number)
        case .text(let text): text
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }
}
