import Metering
import Storage

/// The seals in a journal: of each stretch the last one counts.
package struct SealedDays {
    private var byStretch: [Window: [Set<String>?: SealedStretch]] = [:]

    /// No seals.
    package init() {}

    /// Takes a line of the journal, which may be another.
    package mutating func take(_ record: JournalRecord) {
        guard let day = SealedStretch(line: record.line, sequence: record.seq) else { return }
        byStretch[day.stretch, default: [:]][day.chosen] = day
    }

    /// The last seal of each stretch, in the order of time.
    package var days: [SealedStretch] {
        byStretch.values.flatMap(\.values).sorted { ($0.stretch.start, $0.line) < ($1.stretch.start, $1.line) }
    }

    /// The last seal of a stretch of all points, or of some.
    package func seal(of stretch: Window, points: Set<String>?) -> SealedStretch? { byStretch[stretch]?[points] }
}
