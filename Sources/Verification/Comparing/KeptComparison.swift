import Conformity
import Metering
import PlantConfiguration
import Recording
import Storage

/// Holds what is noted to stay beyond its retention against what a nonconformity keeps (Rules 10): whoever changes that
/// lets readings be deleted that are evidence.
struct KeptComparison {
    private let plants: [(version: Int, plant: Plant)]
    private let renamings: [Renaming]

    /// A comparison by the configurations of a record.
    init(_ reader: StoreReader) throws {
        plants = try reader.configurations().compactMap { record in
            try Plant(kept: record, in: reader).map { (record.version, $0) }
        }
        renamings = try reader.renamings().filter { $0.kind == .point }
    }

    /// What is other than it must be, as the rest of a sentence about the nonconformity; nil: nothing.
    func fault(_ found: Nonconformity, _ reader: StoreReader) throws -> String? {
        let kept = try reader.keptReadings(for: found.id)
        // Of a time before that was noted.
        guard let version = found.version else { return nil }
        if let kept, kept.start != found.keptFrom {
            return "its readings stay from \(kept.start.text) on, it must be from \(found.keptFrom.text)"
        }
        let end = found.clearedAt ?? found.withdrawnAt
        if let kept, kept.end != end {
            return
                "its readings stay until \(kept.end?.text ?? "it is over"), it must be \(end?.text ?? "until it is over")"
        }
        // A revision notes it again, by the configuration of that time.
        let stored = Set(kept?.points ?? [])
        let possible = plants.filter { $0.version >= version }.map { points(of: $0.plant, for: found) }
        if found.kind == .data ? kept == nil : possible.isEmpty || possible.contains(stored) { return nil }
        return
            "the readings that stay for it are those of \(stored.sorted().joined(separator: ", ")), which no configuration since says"
    }

    private func points(of plant: Plant, for found: Nonconformity) -> Set<String> {
        Set(
            plant.pointsKept(for: found).map { point in
                renamings.reduce(plant.plan.points[Int(point)].name) { $1.old == $0 ? $1.new : $0 }
            })
    }
}
