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
    /// The end of the part that was asked for, where the record goes on after it.
    let cut: Instant?
    /// Up to when readings are gone over, so that all that ended by ``end`` is closed and nothing later changes it.
    let through: Instant
    /// Objectives, by the database's number, whose baseline lies in what cannot be computed.
    let unfounded: Set<Int64>
    /// What is taken as it stands, in sentences.
    let remarks: [String]

    /// The plan of a record's part; nil where nothing can be made once more, which the remarks then say.
    init(_ reader: StoreReader, part: Window?, deleted: Instant?) throws {
        var remarks: [String] = []
        let configurations = try reader.configurations()
        let plants = try configurations.map { try Plant(kept: $0, in: reader) }
        var first = Self.firstUnderstood(configurations, plants, &remarks)
        let clock = try reader.clock() ?? .distantPast
        end = min(clock, part?.end ?? clock)
        cut = end < clock ? end : nil
        guard first < configurations.count else {
            if configurations.isEmpty, clock > .distantPast {
                remarks.append("no configuration is on record: nothing can be computed again")
            }
            (seed, stages, unfounded, through, self.remarks) = (RecordSeed(), [], [], end, remarks)
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
        through = end < clock ? min(clock, try Self.settled(end, stages, reader)) : clock
        var seed = RecordSeed()
        var unfounded: Set<Int64> = []
        if let begin, let stage = stages.first {
            (seed.version, seed.clock) = (stage.version, begin)
            seed.judged = try stage.judged(reader)
            seed.newcomers = try stage.newcomers(reader)
            if let deleted, begin < deleted + 366 * 86_400_000 {
                for stage in stages {
                    let edge = try DeletionEdge(deleted, stage, reader)
                    seed.standing.merge(edge.standing) { first, _ in first }
                    seed.decided.merge(edge.decided) { first, _ in first }
                }
            }
            if let deleted {
                unfounded = try stages.reduce(into: []) { try $0.formUnion($1.unfounded(by: deleted, reader)) }
            }
        }
        (self.seed, self.unfounded, self.remarks) = (seed, unfounded, remarks)
    }

    /// The place of the first configuration after the last one that this program does not understand.
    private static func firstUnderstood(
        _ configurations: [ConfigurationRecord], _ plants: [Plant?], _ remarks: inout [String]
    ) -> Int {
        var first = 0
        for (place, plant) in plants.enumerated() where plant == nil {
            first = place + 1
            remarks.append(
                "configuration \(configurations[place].version) is not understood by this version of emsd: what it made "
                    + "stands as it is on record")
        }
        return first
    }

    /// The part of it that can be compared: of windows that start before or end by then the record says what it says.
    var begin: Instant? { seed.clock }

    /// The configuration in force where the part ends; nil where it is the record's end.
    var versionAtCut: Int? { cut.flatMap { cut in stages.last { $0.since < cut }?.version } }

    /// When every window that ends by an instant has closed, and every counter has been believed again: what it advanced over
    /// the instant goes into windows before it.
    private static func settled(_ end: Instant, _ stages: [Retrace.Stage], _ reader: StoreReader) throws -> Instant {
        var settled = end
        for stage in stages where stage.until ?? .distantFuture > end {
            let plan = stage.plant.plan
            for (index, indicator) in plan.indicators.enumerated() {
                let gap = plan.pointsUsed(by: index).map { plan.points[Int($0)].maxGap }.max() ?? 0
                settled = max(settled, end + (indicator.grace ?? 2 * gap) + 1)
            }
            let seen = try reader.seen(by: StoreNames(stage.plant), ofVersion: stage.version)
            for point in plan.measuredPoints where plan.points[Int(point)].kind == .counter {
                if let next = try seen.believed(point, after: end) { settled = max(settled, next) }
                // One that is never believed again still shows how long it was not.
                let around = Window(start: end - 86_400_000, end: end + 1)
                settled = try seen.ledger(point, in: around).reduce(settled) { max($0, $1.lastSuspect + 1) }
            }
        }
        return settled
    }
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
            if definition.kind == .counter { instant = try seen.believed(point, after: deleted) ?? .distantFuture }
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
}

extension StoreReader {
    /// The instant after the first reading of a counter that is believed and after which nothing pends; nil: there is none.
    fileprivate func believed(_ point: PointIndex, after instant: Instant) throws -> Instant? {
        struct Found: Error {}
        var last = instant
        for entry in try ledger(point, in: Window(start: instant - 86_400_000, end: instant + 86_400_000))
        where entry.time <= last + 1 { last = max(last, entry.lastSuspect) }
        var found: Instant?
        do {
            try readings(point, in: Window(start: last, end: .distantFuture)) { reading in
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
    /// By the database's number of an objective, that of the indicator that it judges.
    fileprivate func judged(_ reader: StoreReader) throws -> [Int64: Int64] {
        let seen = try reader.seen(by: StoreNames(plant), ofVersion: version)
        return Dictionary(
            plant.objectives.enumerated().map { index, objective in
                (seen.number(ofObjective: index), seen.number(ofIndicator: objective.indicator))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The indicators that it does not have.
    fileprivate func newcomers(_ reader: StoreReader) throws -> Set<Int64> {
        let (seen, all) = (
            try reader.seen(by: StoreNames(plant), ofVersion: version), try reader.includingRemoved()
        )
        return Set(all.names.indicators.indices.map { all.number(ofIndicator: $0) })
            .subtracting(plant.plan.indicators.indices.map { seen.number(ofIndicator: $0) })
    }

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
