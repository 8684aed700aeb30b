import Foundation
import Metering
import Storage

/// The seals in a journal: of each stretch the last one counts.
package struct SealedDays {
    private var byStretch: [Window: [Set<String>?: SealedStretch]] = [:]
    private var version = 0

    /// No seals.
    package init() {}

    /// Takes a line of the journal, which may be another.
    package mutating func take(_ record: JournalRecord) {
        if let version = Self.version(in: record.line) { self.version = version }
        guard var day = SealedStretch(line: record.line, sequence: record.seq) else { return }
        day.version = version
        byStretch[day.stretch, default: [:]][day.chosen] = day
    }

    private struct Configuration: Decodable { let version: Int }

    /// The version of the configuration that comes into force with a line.
    private static func version(in line: String) -> Int? {
        guard line.contains("\"type\":\"configuration\"") else { return nil }
        return (try? JSONDecoder().decode(Configuration.self, from: Data(line.utf8)))?.version
    }

    /// The last seal of each stretch, in the order of time; without those of a part of a day that was sealed as a whole later.
    package var days: [SealedStretch] {
        let all = byStretch.values.flatMap(\.values)
        let wholes = all.filter { $0.chosen == nil }.sorted { $0.stretch.start < $1.stretch.start }
        return all.filter { seal in
            seal.chosen == nil
                || !wholes.contains { whole in
                    whole.line > seal.line && whole.stretch.start <= seal.stretch.start
                        && seal.stretch.end <= whole.stretch.end
                }
        }.sorted { ($0.stretch.start, $0.line) < ($1.stretch.start, $1.line) }
    }

    /// The last seals of parts of days, of some points.
    package var parts: [SealedStretch] { byStretch.values.flatMap(\.values).filter { $0.chosen != nil } }

    /// The last seal of a stretch of all points, or of some.
    package func seal(of stretch: Window, points: Set<String>?) -> SealedStretch? { byStretch[stretch]?[points] }
}
