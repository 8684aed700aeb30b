import Foundation
import Metering
import Storage

/// Readings of a point that damage to the file took away, as the journal says: a hole that is known.
package struct LostReadings: Sendable {
    package let point: String
    /// From the first of them through the last.
    package let stretch: Window
    /// The line that says so.
    package let line: Int

    private struct Line: Decodable {
        struct Loss: Decodable {
            let point: String
            let from: String
            let until: String
        }
        let losses: [Loss]
    }

    /// Those that a line of the journal is about.
    package static func all(in record: JournalRecord) -> [LostReadings] {
        guard record.line.contains("\"type\":\"database.salvaged\""),
            let line = try? JSONDecoder().decode(Line.self, from: Data(record.line.utf8))
        else { return [] }
        return line.losses.compactMap { loss in
            guard let start = Instant(loss.from), let end = Instant(loss.until) else { return nil }
            return LostReadings(point: loss.point, stretch: Window(start: start, end: end + 1), line: record.seq)
        }
    }
}
