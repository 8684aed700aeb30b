import Conformity
import Foundation
import Metering
import StoreComparison

/// The lines of the file that says how a record stood where a bundle's readings begin (``RecordBeginning``).
enum KeptText {
    /// What such a file says.
    struct Kept {
        /// Of what the bundle is.
        let scope: BundleScope
        /// From the first of its readings on, before the end of the last sealed stretch.
        let readings: Window
        /// By indicator, the end of the last window in it.
        let valued: [String: Instant]
        /// By objective, the end of the last window judged in it.
        let judged: [String: Instant]
        let rows: [KeptRow]
    }

    private struct Stretch: Decodable {
        let start: String
        let end: String
    }

    private struct Head: Decodable {
        let windows: Stretch
        let readings: Stretch
        let indicators: [String]
        let objectives: [String]
        let points: [String]
        let nonconformities: [String]
        let one: Bool
        let valued: [String: String]
        let judged: [String: String]
        let versions: [Int]
    }

    private struct Line: Decodable {
        let table: String
        let row: [String: Cell]
    }

    private struct Cell: Decodable {
        private struct Bytes: Decodable { let hex: String }

        let cell: StoredCell

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                cell = .null
            } else if let number = try? value.decode(Int64.self) {
                cell = .integer(number)
            } else if let number = try? value.decode(Double.self) {
                cell = .real(number)
            } else if let text = try? value.decode(String.self) {
                cell = .text(text)
            } else {
                let hex = Array(try value.decode(Bytes.self).hex.utf8)
                cell = .blob(
                    stride(from: 0, to: hex.count - 1, by: 2).compactMap {
                        UInt8(String(decoding: hex[$0...$0 + 1], as: UTF8.self), radix: 16)
                    })
            }
        }
    }

    /// The first line: what the bundle is of, and the end of the last window of each indicator and objective in it.
    static func head(
        _ scope: BundleScope, _ readings: Window, _ valued: [String: Instant], _ judged: [String: Instant]
    ) -> CanonicalJSON {
        func stretch(_ window: Window) -> CanonicalJSON {
            .object([.init("start", .text(window.start.text)), .init("end", .text(window.end.text))])
        }
        func list(_ names: Set<String>) -> CanonicalJSON { .list(names.sorted().map { .text($0) }) }
        func times(_ ends: [String: Instant]) -> CanonicalJSON {
            .object(ends.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value.text)) })
        }
        return .object([
            .init("windows", stretch(scope.windows)), .init("readings", stretch(readings)),
            .init("indicators", list(scope.indicators)), .init("objectives", list(scope.objectives)),
            .init("points", list(scope.points)), .init("nonconformities", list(scope.nonconformities)),
            .init("one", .flag(scope.isOfOne)), .init("versions", .list(scope.versions.map { .integer($0) })),
            .init("valued", times(valued)), .init("judged", times(judged)),
        ])
    }

    /// A row as a line.
    static func line(_ row: KeptRow) -> CanonicalJSON {
        let members = row.cells.sorted { $0.key < $1.key }.map { CanonicalJSON.Member($0.key, json($0.value)) }
        return .object([.init("table", .text(row.table.rawValue)), .init("row", .object(members))])
    }

    private static func json(_ cell: StoredCell) -> CanonicalJSON {
        switch cell {
        case .null: .null
        case .integer(let number): .integer(Int(number))
        case .real(let number): .number(number)
        case .text(let text): .text(text)
        case .blob(let bytes):
            .object([
                .init("hex", .text(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()))
            ])
        }
    }

    /// What the file says; nil where it is none.
    static func read(_ bytes: [UInt8]) -> Kept? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        guard let first = lines.first, let head = try? decoder.decode(Head.self, from: Data(first)),
            let windows = window(head.windows), let readings = window(head.readings)
        else { return nil }
        var scope = BundleScope(windows: windows, readings: readings)
        (scope.indicators, scope.objectives) = (Set(head.indicators), Set(head.objectives))
        (scope.points, scope.nonconformities) = (Set(head.points), Set(head.nonconformities))
        (scope.isOfOne, scope.versions) = (head.one, head.versions)
        var rows: [KeptRow] = []
        for line in lines.dropFirst() {
            guard let line = try? decoder.decode(Line.self, from: Data(line)),
                let table = KeptTable(rawValue: line.table)
            else { return nil }
            rows.append(KeptRow(table, line.row.mapValues(\.cell)))
        }
        return Kept(
            scope: scope, readings: readings, valued: head.valued.compactMapValues { Instant($0) },
            judged: head.judged.compactMapValues { Instant($0) }, rows: rows)
    }

    private static func window(_ stretch: Stretch) -> Window? {
        guard let start = Instant(stretch.start), let end = Instant(stretch.end), start < end else { return nil }
        return Window(start: start, end: end)
    }
}
