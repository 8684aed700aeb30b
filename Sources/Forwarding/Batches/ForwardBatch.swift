import Metering
import RecordStream
import Storage

/// A reading with the names that a target knows it by.
struct NamedReading: Sendable, Hashable {
    /// `meter.point`.
    var point: String
    var unit: String?
    var reading: NumberedReading

    /// The meter's name.
    var meter: Substring { point.prefix { $0 != "." } }

    /// The point's name within its meter; of a derived point, or one without a meter, the whole.
    var shortName: Substring { point.firstIndex(of: ".").map { point[point.index(after: $0)...] } ?? point[...] }
}

/// A nonconformity as it stands when it is sent, at the time of the journal's line that says so.
struct StandingNonconformity: Sendable, Hashable {
    var record: RecordedNonconformity
    /// The first date by which something is to be done, `2026-12-31`; nil: nothing is due.
    var due: String?
    /// Who is to do it.
    var owner: String?
    /// The time of the journal's line.
    var time: Instant
    /// The number of that line.
    var line: Int
}

/// Some lines of one stream, in the order of recording.
enum ForwardBatch: Sendable {
    case readings([NamedReading])
    case windows([RecordedWindow])
    case verdicts([RecordedVerdict])
    case nonconformities([StandingNonconformity])
    case journal([JournalRecord])
    /// Signed heads of the journal, which have no cursor: a repeat is harmless.
    case heads([HeadRecord])

    var count: Int {
        switch self {
        case .readings(let lines): lines.count
        case .windows(let lines): lines.count
        case .verdicts(let lines): lines.count
        case .nonconformities(let lines): lines.count
        case .journal(let lines): lines.count
        case .heads(let lines): lines.count
        }
    }

    /// The lines of a range.
    func part(_ range: Range<Int>) -> ForwardBatch {
        switch self {
        case .readings(let lines): .readings(Array(lines[range]))
        case .windows(let lines): .windows(Array(lines[range]))
        case .verdicts(let lines): .verdicts(Array(lines[range]))
        case .nonconformities(let lines): .nonconformities(Array(lines[range]))
        case .journal(let lines): .journal(Array(lines[range]))
        case .heads(let lines): .heads(Array(lines[range]))
        }
    }

    /// A single line in words, to be kept where it is refused.
    var words: String {
        switch self {
        case .readings(let lines): lines.map { "\($0.point) \($0.reading.time) \($0.reading.value)" }.joined()
        case .windows(let lines): lines.map { "\($0.indicator) \($0.window.start) revision \($0.revision)" }.joined()
        case .verdicts(let lines): lines.map { "\($0.objective) \($0.window.start)" }.joined()
        case .nonconformities(let lines): lines.map { "\($0.record.id) \($0.time)" }.joined()
        case .journal(let lines): lines.map(\.line).joined()
        case .heads(let lines): lines.map(\.note).joined()
        }
    }
}
