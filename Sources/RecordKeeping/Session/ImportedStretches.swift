import Foundation
import Metering
import Storage

/// What an import under way has stored so far and what is still to be made of it; kept in the database, so that a kill loses
/// nothing of it.
package struct ImportedStretches: Codable, Hashable {
    /// Which import it is.
    package var id = ""
    /// Who does it.
    package var by = ""
    package var files: [String] = []
    package var reason: String?
    /// Readings that changed what is stored.
    package var readings = 0
    /// Milliseconds since 1970 of the first of them and of the last.
    package var first = Int64.max
    package var last = Int64.min
    /// When the record began before it, in milliseconds since 1970.
    package var begin: Int64?
    /// By the name of a point, the stretches into which what was stored reaches: start and end.
    package var reached: [String: [[Int64]]] = [:]

    private static let key = "import"

    /// Whether nothing is under way.
    package var isEmpty: Bool { id.isEmpty }

    package init() {}

    /// What a store has kept; what cannot be read is nothing.
    package init(from writer: StoreWriter) throws {
        guard let text = try writer.note(ImportedStretches.key) else { return }
        self = (try? JSONDecoder().decode(ImportedStretches.self, from: Data(text.utf8))) ?? ImportedStretches()
    }

    /// Writes it into a store.
    package func keep(in writer: StoreWriter) throws {
        guard !isEmpty else { return try writer.setNote(ImportedStretches.key, nil) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.setNote(ImportedStretches.key, String(decoding: encoder.encode(self), as: UTF8.self))
    }

    /// Adds stretches of a point; those that touch become one.
    package mutating func add(_ stretches: [Window], of point: String) {
        var merged: [[Int64]] = []
        let known = reached[point] ?? []
        let all = known + stretches.map { [$0.start.milliseconds, $0.end.milliseconds] }
        for stretch in all.sorted(by: { $0[0] < $1[0] }) {
            if let last = merged.last, stretch[0] <= last[1] {
                merged[merged.count - 1][1] = max(last[1], stretch[1])
            } else {
                merged.append(stretch)
            }
        }
        reached[point] = merged
    }
}
