import Conformity
import Indicators
import Metering
import PlantConfiguration
import Storage

/// What was read around a nonconformity stays: of all points of its area, from before the onset until it cleared (Rules 10).
extension Recorder {
    /// Notes what is kept for a nonconformity as it is now; what a revision put right keeps nothing.
    func keepFlight(of found: Nonconformity, _ session: RecordingSession) throws {
        let points = found.isPutRight ? [] : plant.points(around: found)
        try session.writer.keepReadings(
            of: points, from: found.onset - lead(of: found), until: found.clearedAt ?? found.withdrawnAt,
            for: found.id)
    }

    /// How long before the onset: an hour, or as long as the first window where that is longer.
    private func lead(of found: Nonconformity) -> Int64 {
        max(3_600_000, found.windows.first.map { $0.end - $0.start } ?? 0)
    }
}

extension Plant {
    /// The measured points of the areas of the meters that a nonconformity was judged by, those meters' own included.
    func points(around found: Nonconformity) -> [PointIndex] {
        let judged = objectives.first { $0.name == found.objectiveName }.map { plan.meters(behind: $0.indicator) } ?? []
        var areas = Set(meters.filter { judged.contains($0.name) }.compactMap(\.area))
        if let area = found.finding?.area { areas.insert(area) }
        let around = Set(meters.filter { $0.area.map(areas.contains) ?? false }.map(\.name)).union(judged)
        return plan.measuredPoints.filter { around.contains(String(plan.points[Int($0)].name.prefix { $0 != "." })) }
    }
}
