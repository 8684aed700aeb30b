import GRDB

/// What stands in a column of a row.
package enum StoredCell: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }

    /// The whole number in it; nil for anything else.
    package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

    /// The number in it; nil for anything else.
    package var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }
}

/// A table whose rows follow from the readings and the configurations.
package enum ComparedTable: String, Sendable, CaseIterable {
    case value, ledger, verdict
    case definitionEnd = "definition_end"
    case renaming, point, indicator, objective

    /// What a row is found by.
    package var keys: [String] {
        switch self {
        case .value: ["indicator", "end", "start"]
        case .ledger: ["point", "time", "entry"]
        case .verdict: ["objective", "end", "start"]
        case .definitionEnd: ["kind", "thing", "version"]
        case .renaming: ["version", "kind", "old"]
        case .point, .indicator, .objective: ["id"]
        }
    }

    /// What follows from the readings; a judge's memory is compared apart.
    package var columns: [String] {
        switch self {
        case .value: ["value", "status", "coverage", "base", "flags", "unknown"]
        case .ledger: ["advance", "last_suspect"]
        case .verdict: ["verdict", "value", "bound", "reason"]
        case .definitionEnd: ["end"]
        case .renaming: ["new"]
        case .point: ["name", "position", "kind", "unit", "derived"]
        case .indicator: ["name", "position", "title", "unit", "hidden"]
        case .objective: ["name", "position", "title", "unit", "indicator"]
        }
    }
}

/// A row that is not the same on record and as it was made once more.
package struct RowDifference: Sendable {
    package let table: ComparedTable
    /// In the order of the table's keys.
    package let key: [StoredCell]
    /// What is on record, in the order of the table's columns, and behind them the version; nil: no such row is.
    package let stored: [StoredCell]?
    /// What was made; nil: nothing makes such a row.
    package let made: [StoredCell]?
}
