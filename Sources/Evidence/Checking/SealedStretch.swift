import Foundation
import Metering

/// What a line `record.sealed` of the journal says of a stretch of the record.
package struct SealedStretch: Sendable {
    /// The number of the line.
    package let line: Int
    /// The version of the configuration in force when it was written, whose names it has; 0: none was.
    package internal(set) var version = 0
    package let stretch: Window
    /// By name, how many readings each point had, and their digest.
    package let points: [String: (count: Int, digest: String)]
    /// The points it was made of; nil: of all.
    package let chosen: Set<String>?
    /// The digest of the decisions of the counter rules.
    package let decisions: String

    private struct Line: Decodable {
        struct Readings: Decodable {
            let point: String
            let count: Int
            let sha256: String
        }
        struct Ledger: Decodable { let sha256: String }

        let start: String
        let end: String
        let of: [String]?
        let readings: [Readings]
        let ledger: Ledger
    }

    /// What the line with that number says; nil where it seals nothing.
    package init?(line text: String, sequence: Int) {
        guard text.contains("\"type\":\"record.sealed\""),
            let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)),
            let start = Instant(line.start), let end = Instant(line.end), start < end
        else { return nil }
        self.line = sequence
        stretch = Window(start: start, end: end)
        points = Dictionary(
            line.readings.map { ($0.point, (count: $0.count, digest: $0.sha256)) }, uniquingKeysWith: { $1 })
        chosen = line.of.map { Set($0) }
        decisions = line.ledger.sha256
    }
}
