import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// What was read around a nonconformity stays: of all points of its area, from before the onset until it cleared (Rules 10).
extension Recorder {
    /// Notes what is kept for a nonconformity as it is now; what a revision put right keeps nothing.
    func keepFlight(of found: Nonconformity, _ session: RecordingSession) throws {
        try session.writer.keepReadings(
            of: plant.pointsKept(for: found), from: found.keptFrom, until: found.clearedAt ?? found.withdrawnAt,
            for: found.id)
    }
}

extension Nonconformity {
    /// From when on readings stay for it: an hour before the onset, or as long as the first window where that is longer.
    package var keptFrom: Instant { onset - max(3_600_000, windows.first.map { $0.end - $0.start } ?? 0) }
}

extension Plant {
    /// The points whose readings stay for a nonconformity: the measured ones of the areas of the meters that it was judged
    /// by, those meters' own included; none where a revision put it right.
    package func pointsKept(for found: Nonconformity) -> [PointIndex] {
        if found.isPutRight { return [] }
        let judged = objectives.first { $0.name == found.objectiveName }.map { plan.meters(behind: $0.indicator) } ?? []
        var areas = Set(meters.filter { judged.contains($0.name) }.compactMap(\.area))
        if let area = found.finding?.area { areas.insert(area) }
        let around = Set(meters.filter { $0.area.map(areas.contains) ?? false }.map(\.name)).union(judged)
        return plan.measuredPoints.filter { around.contains(String(plan.points[Int($0)].name.prefix { $0 != "." })) }
    }
}
