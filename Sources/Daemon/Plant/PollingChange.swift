import Acquisition
import Metering
import PlantConfiguration

/// What a change of the plant means for polling: links and meters that are polled as before lose no slot by it.
enum PollingChange {
    /// By point of the old plant, where it stands in the new one; nil where its meter is polled no longer, or otherwise: what
    /// was asked in the old way is not of the new one.
    static func places(from old: Plant, to new: Plant) -> [PointIndex?] {
        var places = [PointIndex?](repeating: nil, count: old.plan.points.count)
        let links = Set(old.links).intersection(new.links).map(\.name)
        let meters = Dictionary(new.meters.map { ($0.name, $0) }) { first, _ in first }
        for meter in old.meters where links.contains(meter.link) {
            guard let same = meters[meter.name], meter.isPolled(like: same) else { continue }
            for (before, after) in zip(meter.points, same.points) { places[Int(before.index)] = after.index }
        }
        return places
    }
}
