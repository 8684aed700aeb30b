import Conformity
import Foundation
import Metering
import PlantConfiguration
import RecordStream
import Storage

/// What a target gets next of each stream, from one consistent state of the record.
struct ForwardPortions {
    /// What is to be sent, and the cursor once it is acknowledged.
    struct Portion {
        var batch: ForwardBatch
        var cursor: ForwardCursor
        /// What could not be read on the way, in sentences.
        var damaged: [String] = []
    }

    let store: PlantStore

    /// The next lines after a cursor, about so many; nil: the target has all.
    func next(_ stream: ForwardTarget.Stream, after cursor: ForwardCursor, about most: Int) throws -> Portion? {
        try store.read { reader in
            switch stream {
            case .readings:
                let (readings, next, damaged) = try reader.readings(after: cursor, about: most)
                if next == cursor { return nil }
                return Portion(batch: .readings(try named(readings, reader)), cursor: next, damaged: damaged)
            case .windows:
                let (windows, next) = try reader.windows(after: cursor, about: most)
                return next == cursor ? nil : Portion(batch: .windows(windows), cursor: next)
            case .verdicts:
                let (verdicts, next) = try reader.verdicts(after: cursor, about: most)
                return next == cursor ? nil : Portion(batch: .verdicts(verdicts), cursor: next)
            case .nonconformities: return try nonconformities(after: cursor, about: most, reader)
            case .journal:
                let lines = try reader.journal(after: cursor.first, atMost: min(most, 1000))
                guard let last = lines.last else { return nil }
                var next = cursor
                next.first = Int64(last.seq)
                return Portion(batch: .journal(lines), cursor: next)
            }
        }
    }

    /// Readings with the names of their points.
    func named(_ readings: [NumberedReading], _ reader: StoreReader) throws -> [NamedReading] {
        let points = try reader.numberedPoints()
        return readings.compactMap { reading in
            points[reading.point].map { NamedReading(point: $0.name, unit: $0.unit, reading: reading) }
        }
    }

    private func nonconformities(
        after cursor: ForwardCursor, about most: Int, _ reader: StoreReader
    ) throws -> Portion? {
        struct Line: Decodable {
            var type: String
            var id: String?
        }
        let lines = try reader.journal(after: cursor.first, atMost: most)
        guard let last = lines.last else { return nil }
        var next = cursor
        next.first = Int64(last.seq)
        // Each as it stands, once, at its last line.
        var newest: [String: JournalRecord] = [:]
        for line in lines where line.line.contains("\"type\":\"nc.") && line.time >= cursor.since {
            let said = try? JSONDecoder().decode(Line.self, from: Data(line.line.utf8))
            if let id = said?.id { newest[id] = line }
        }
        let standing = try newest.sorted { $0.value.seq < $1.value.seq }.compactMap { id, line in
            try reader.standing(id).map { record in
                let open = try actions(of: id, reader).min { $0.due < $1.due }
                return StandingNonconformity(
                    record: record, due: open?.due, owner: open?.owner, time: line.time, line: line.seq)
            }
        }
        return Portion(batch: .nonconformities(standing), cursor: next)
    }

    /// The actions that are not done yet.
    private func actions(of id: String, _ reader: StoreReader) throws -> [(due: String, owner: String)] {
        let steps = try reader.steps(of: id).compactMap {
            try? JSONDecoder().decode(LifecycleStep.self, from: Data($0.details.utf8))
        }
        return NonconformityLifecycle(id: id, steps: steps, hasSingleOperator: false).actions
            .filter { $0.doneBy == nil }.map { ($0.due, $0.owner) }
    }
}
