import Foundation
import Metering
import Storage

/// The seals in a journal: of each stretch the last one counts.
struct SealedDays {
    /// What a line says of a stretch.
    struct Day {
        let line: Int
        let stretch: Window
        let points: [String: (count: Int, digest: String)]
        /// The points it was made of; nil: of all.
        let chosen: Set<String>?
        let decisions: String
    }

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

    private var byStretch: [Window: [Set<String>?: Day]] = [:]

    /// Takes a line of the journal, which may be another.
    mutating func take(_ record: JournalRecord) {
        guard record.line.contains("\"type\":\"record.sealed\""),
            let line = try? JSONDecoder().decode(Line.self, from: Data(record.line.utf8)),
            let start = Instant(line.start), let end = Instant(line.end), start < end
        else { return }
        let points = line.readings.map { ($0.point, (count: $0.count, digest: $0.sha256)) }
        let day = Day(
            line: record.seq, stretch: Window(start: start, end: end),
            points: Dictionary(points, uniquingKeysWith: { $1 }), chosen: line.of.map { Set($0) },
            decisions: line.ledger.sha256)
        byStretch[day.stretch, default: [:]][day.chosen] = day
    }

    /// The last seal of each stretch, in the order of time.
    var days: [Day] {
        byStretch.values.flatMap(\.values).sorted { ($0.stretch.start, $0.line) < ($1.stretch.start, $1.line) }
    }
}
