import Conformity
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// Holds what is noted to stay beyond its retention against what a nonconformity keeps (Rules 10): whoever changes that
/// lets readings be deleted that are evidence.
struct KeptComparison {
    private let plants: [(version: Int, plant: Plant, renamings: [Renaming])]

    /// A comparison by the configurations of a record.
    init(_ reader: StoreReader) throws {
        plants = try reader.configurations().compactMap { record in
            try Plant(kept: record, in: reader).map {
                (record.version, $0, try reader.renamings(after: record.version))
            }
        }
    }

    /// What is other than it must be, as the rest of a sentence about the nonconformity; nil: nothing.
    func fault(_ found: Nonconformity, _ reader: StoreReader) throws -> String? {
        // Of a time before that was noted.
        guard let version = found.version else { return nil }
        let rows = try reader.keptRows(for: found.id)
        let end = found.clearedAt ?? found.withdrawnAt
        for row in rows where row.start != found.keptFrom || row.end != end {
            return
                "the readings of \(row.points[0]) stay from \(row.start.text) until \(row.end?.text ?? "it is over"), it must "
                + "be from \(found.keptFrom.text) until \(end?.text ?? "it is over")"
        }
        // A revision notes it again, by the configuration of that time.
        let stored = Set(rows.flatMap(\.points))
        let possible = plants.filter { $0.version >= version }.map { points(of: $0.plant, $0.renamings, for: found) }
        if found.kind == .data ? rows.isEmpty : possible.isEmpty || possible.contains(stored) { return nil }
        return
            "the readings that stay for it are those of \(stored.sorted().joined(separator: ", ")), which no configuration since says"
    }

    private func points(of plant: Plant, _ renamings: [Renaming], for found: Nonconformity) -> Set<String> {
        let own = plant.objectives.first { renamings.present(.objective, $0.name) == found.objectiveName }
        let points = plant.pointsKept(for: found, judgedBy: own?.indicator)
        return Set(points.map { renamings.present(.point, plant.plan.points[Int($0)].name) })
    }
}
