import Conformity
import Evidence
import Foundation
import Metering
import Storage

/// What the journal says about single rows of the record.
struct JournalFacts {
    /// A line about a value's revision.
    struct Revision: Decodable {
        struct Value: Decodable, Equatable {
            let value: Double?
            let status: String
            let coverage: Double
            let flags: [String]

            init(value: Double?, status: String, coverage: Double, flags: [String]) {
                (self.value, self.status, self.coverage, self.flags) = (value, status, coverage, flags)
            }
        }
        let indicator: String
        let start: String
        let end: String
        let revision: Int
        let reason: String
        let before: Value
        let after: Value
        /// The version of the configuration in force when it was written, of which the indicator has its name.
        var version = 0

        private enum CodingKeys: CodingKey {
            case indicator, start, end, revision, reason, before, after
        }
    }

    /// A line about a nonconformity.
    struct Step {
        let line: JournalRecord
        let type: String
    }

    /// A line about the coming into force of a configuration.
    struct Configuration: Decodable {
        let version: Int
        let configuration: String
        let by: String
        let reason: String?
        let path: String
        let zone: String
        let zoneData: String
        let from: String?

        private enum CodingKeys: String, CodingKey {
            case version, configuration, by, reason, path, zone, from
            case zoneData = "zone_data"
        }
    }

    private struct Head: Decodable {
        let type: String
        let time: String
        let id: String?
    }

    private struct Place: Decodable {
        let objective: String?
        let start: String?
        let end: String?
        let windows: Int?
        let point: String?
        let reading: String?
        let id: String?
    }

    private(set) var revisions: [Revision] = []
    /// The version of the configuration that came into force last.
    private var version = 0
    private(set) var steps: [String: [Step]] = [:]
    private(set) var configurations: [Int: Configuration] = [:]
    private(set) var exchanges: [String] = []
    /// Readings that damage took away.
    private(set) var lost: [LostReadings] = []
    /// Before when readings were deleted by rule; nil: no line says so.
    private(set) var deletedUpTo: Instant?
    /// The number of the last line taken.
    private(set) var last = 0
    /// Lines whose time in the row is another than in the line.
    private(set) var misdated: [Int] = []
    /// By objective, verdicts that changed, or followed.
    private(set) var verdicts: [(objective: String, stretch: Window)] = []
    /// Points with the times at which decisions changed.
    private(set) var decisions: Set<String> = []

    /// Takes the next line in.
    mutating func take(_ line: JournalRecord) {
        last = line.seq
        let decoder = JSONDecoder()
        let data = Data(line.line.utf8)
        guard let head = try? decoder.decode(Head.self, from: data) else { return misdated.append(line.seq) }
        if head.time != line.time.text { misdated.append(line.seq) }
        switch head.type {
        case "value.revised":
            guard var found = try? decoder.decode(Revision.self, from: data) else { break }
            found.version = version
            revisions.append(found)
        case "verdict.revised", "verdict.restated":
            if let place = try? decoder.decode(Place.self, from: data), let objective = place.objective,
                let start = place.start.flatMap({ Instant($0) }), let end = place.end.flatMap({ Instant($0) })
            {
                verdicts.append((objective, Window(start: start, end: end)))
            }
        case "ledger.entry", "ledger.withdrawn":
            if let place = try? decoder.decode(Place.self, from: data), let point = place.point,
                let reading = place.reading
            {
                decisions.insert("\(point) \(reading)")
            }
        case "configuration":
            guard let found = try? decoder.decode(Configuration.self, from: data) else { break }
            configurations[found.version] = found
            version = found.version
        case "database.salvaged": lost += LostReadings.all(in: line)
        case "readings.deleted":
            if let place = try? decoder.decode(Place.self, from: data), let end = place.end.flatMap({ Instant($0) }) {
                deletedUpTo = max(deletedUpTo ?? end, end)
            }
        case "exchange.declared", "exchange.withdrawn": exchanges.append(line.line)
        default:
            if head.type.hasPrefix("nc."), let id = head.id {
                steps[id, default: []].append(Step(line: line, type: head.type))
            }
        }
    }
}
