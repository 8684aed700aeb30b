import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage
import StoreComparison

/// Which part of a record can be made once more from its readings, and from where on.
///
/// Where readings were deleted by rule, or the rules of a time are not known, what was made of them stands as it is on
/// record, and the rest goes on from there.
struct RetracePlan {
    let seed: RecordSeed
    let stages: [Retrace.Stage]
    /// Up to when readings are complete: the clock of the record, or the end of the part that was asked for.
    let end: Instant
    /// Objectives, by the database's number, whose baseline lies in what cannot be computed.
    let unfounded: Set<Int64>
    /// What is taken as it stands, in sentences.
    let remarks: [String]

    /// The plan of a record's part; nil where nothing can be made once more, which the remarks then say.
    init(_ reader: StoreReader, part: Window?, deleted: Instant?) throws {
        var remarks: [String] = []
        let configurations = try reader.configurations()
        let plants = try configurations.map { try Plant(kept: $0, in: reader) }
        var first = 0
        for (place, plant) in plants.enumerated() where plant == nil {
            first = place + 1
            remarks.append(
                "configuration \(configurations[place].version) is not understood by this version of emsd: what it made "
                    + "stands as it is on record")
        }
        let clock = try reader.clock() ?? .distantPast
        end = min(clock, part.map { $0.end } ?? clock)
        guard first < configurations.count else {
            if configurations.isEmpty, clock > .distantPast {
                remarks.append("no configuration is on record: nothing can be computed again")
            }
            (seed, stages, unfounded, self.remarks) = (RecordSeed(), [], [], remarks)
            return
        }
        var begin: Instant?
        let since = configurations[first].since
        if since > .distantPast {
            begin = since
            remarks.append("what ended before \(since.text) was made by rules that are not on record")
        }
        if let deleted, deleted > begin ?? .distantPast {
            begin = deleted
            remarks.append(
                "readings before \(deleted.text) are not all there: what was made of them stands as it is on record"
            )
        }
        if let from = part?.start, from > begin ?? .distantPast { begin = from }
        if let begin, begin > since {
            first = configurations.lastIndex { $0.since < begin } ?? first
        }
        stages = (first..<configurations.count).compactMap { place in
            guard let plant = plants[place] else { return nil }
            let next = place + 1 < configurations.count ? configurations[place + 1].since : nil
            return Retrace.Stage(
                version: configurations[place].version, plant: plant, since: configurations[place].since, until: next)
        }
        var seed = RecordSeed()
        var unfounded: Set<Int64> = []
        if let begin, let stage = stages.first {
            (seed.version, seed.clock) = (stage.version, begin)
            if let deleted, begin < deleted + 366 * 86_400_000 {
                let edge = try DeletionEdge(deleted, stage, reader)
                (seed.standing, seed.decided) = (edge.standing, edge.decided)
            }
            if let deleted {
                unfounded = try stages.reduce(into: []) { try $0.formUnion($1.unfounded(by: deleted, reader)) }
            }
        }
        (self.seed, self.unfounded, self.remarks) = (seed, unfounded, remarks)
    }

    /// The part of it that can be compared: of windows that start before or end by then the record says what it says.
    var begin: Instant? { seed.clock }
}

/// From when on what was made of readings does not need those that were deleted.
private struct DeletionEdge {
    var standing: [Int64: Instant] = [:]
    var decided: [Int64: Instant] = [:]

    init(_ deleted: Instant, _ stage: Retrace.Stage, _ reader: StoreReader) throws {
        let plan = stage.plant.plan
        let seen = try reader.seen(by: StoreNames(stage.plant), ofVersion: stage.version)
        var known: [PointIndex: Instant] = [:]
        for point in plan.measuredPoints {
            let definition = plan.points[Int(point)]
            // A value that was deleted holds no longer than its gap; an advance, up to the next reading believed.
            var instant = deleted + definition.maxGap
            if definition.kind == .counter {
                instant = try Self.believed(point, after: deleted, seen) ?? .distantFuture
            }
            known[point] = instant
            decided[seen.number(ofPoint: point)] = instant
        }
        var ends: [Int: Instant] = [:]
        for index in plan.indicatorsInOrder {
            let points = plan.measuredPoints(behind: plan.pointsUsed(by: index))
            let sources = plan.indicators[index].indicators.compactMap { ends[$0] }
            let edge = (points.compactMap { known[$0] } + sources).max() ?? deleted
            ends[index] = edge
            standing[seen.number(ofIndicator: index)] = edge
        }
    }

    /// The first reading that is believed and after which nothing pends.
    private static func believed(_ point: PointIndex, after instant: Instant, _ reader: StoreReader) throws -> Instant?
    {
        struct Found: Error {}
        var last = instant
        for entry in try reader.ledger(point, in: Window(start: instant - 86_400_000, end: instant + 86_400_000))
        where entry.time <= last + 1 { last = max(last, entry.lastSuspect) }
        var found: Instant?
        do {
            try reader.readings(point, in: Window(start: last, end: .distantFuture)) { reading in
                if reading.isUsable, reading.time > last || last == instant {
                    found = reading.time + 1
                    throw Found()
                }
            }
        } catch is Found {}
        return found
    }
}

extension Retrace.Stage {
    /// The objectives that are measured against readings that are gone.
    fileprivate func unfounded(by deleted: Instant, _ reader: StoreReader) throws -> Set<Int64> {
        let seen = try reader.seen(by: StoreNames(plant), ofVersion: version)
        return Set(
            plant.objectives.indices.filter { index in
                guard case .whole(let stretch) = plant.objectives[index].requirement.demand.baseline else {
                    return false
                }
                return stretch.start < deleted
            }.map { seen.number(ofObjective: $0) })
    }
}
