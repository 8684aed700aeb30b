import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// Up to when the readings of a bundle say all: what a counter advances over the end shows with its next reading.
struct BundleEdges {
    /// By the database's number of a counter, the last reading that was believed.
    private(set) var points: [Int64: Instant] = [:]
    /// By the database's number of an indicator, up to when windows are whole.
    private(set) var indicators: [Int64: Instant] = [:]
    /// By the database's number of an objective, the same for its verdicts.
    private(set) var objectives: [Int64: Instant] = [:]

    /// The edges of a record over its stages; `made` is what the counter rules decided.
    init(_ plan: RetracePlan, _ record: StoreReader, made: StoreReader) throws {
        for stage in plan.stages where stage.since < plan.end {
            let seen = try record.seen(by: StoreNames(stage.plant), ofVersion: stage.version)
            let past = try made.seen(by: StoreNames(stage.plant), ofVersion: stage.version)
            let rules = stage.plant.plan
            var known: [PointIndex: Instant] = [:]
            for point in rules.measuredPoints where rules.points[Int(point)].kind == .counter {
                var last = try seen.lastReading(point, before: .distantFuture, usable: true)?.time ?? .distantPast
                let around = Window(start: last - 2 * 86_400_000, end: .distantFuture)
                for entry in try past.ledger(point, in: around) where entry.lastSuspect >= last {
                    last = min(last, entry.time - 1)
                }
                known[point] = last
                Self.lower(&points, seen.number(ofPoint: point), last)
            }
            var ends: [Int: Instant] = [:]
            for index in rules.indicatorsInOrder {
                let behind = rules.measuredPoints(behind: rules.pointsUsed(by: index)).compactMap { known[$0] }
                let sources = rules.indicators[index].indicators.compactMap { ends[$0] }
                guard let end = (behind + sources).min() else { continue }
                ends[index] = end
                Self.lower(&indicators, seen.number(ofIndicator: index), end)
            }
            for (index, objective) in stage.plant.objectives.enumerated() {
                let used = [objective.indicator] + objective.companions
                guard let end = used.compactMap({ ends[$0] }).min() else { continue }
                Self.lower(&objectives, seen.number(ofObjective: index), end)
            }
        }
    }

    private static func lower(_ ends: inout [Int64: Instant], _ number: Int64, _ end: Instant) {
        ends[number] = min(ends[number] ?? end, end)
    }
}
