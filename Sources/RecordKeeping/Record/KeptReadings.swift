import Conformity
import Indicators
import Metering
import PlantConfiguration

extension Nonconformity {
    /// From when on readings stay for it (Rules 10): an hour before the onset, or as long as the first window where that is
    /// longer.
    package var keptFrom: Instant { onset - max(3_600_000, windows.first.map { $0.end - $0.start } ?? 0) }
}

extension Plant {
    /// The points whose readings stay for a nonconformity (Rules 10): the measured ones of the areas of the meters that it was
    /// judged by, those meters' own included; none where a revision put it right.
    ///
    /// `indicator` is the place of the indicator that it was judged by; nil where there is none. Its objective's name does not
    /// tell: it may have another one by now than in this configuration.
    package func pointsKept(for found: Nonconformity, judgedBy indicator: Int?) -> [PointIndex] {
        if found.isPutRight { return [] }
        let judged = indicator.map { plan.meters(behind: $0) } ?? []
        var areas = Set(meters.filter { judged.contains($0.name) }.compactMap(\.area))
        if let area = found.finding?.area { areas.insert(area) }
        let around = Set(meters.filter { $0.area.map(areas.contains) ?? false }.map(\.name)).union(judged)
        return plan.measuredPoints.filter { around.contains(String(plan.points[Int($0)].name.prefix { $0 != "." })) }
    }
}
