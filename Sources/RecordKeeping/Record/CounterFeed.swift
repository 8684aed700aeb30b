import Indicators
import Metering
import Storage

/// The readings of a counter in order of time as they are stored, or as they are computed from those of its parts.
package struct CounterFeed {
    private var feed: StoredFeed
    private let run: DerivedRun?

    package init(
        of point: PointIndex, from start: Instant, until end: Instant, plan: IndicatorPlan, _ reader: StoreReader
    ) {
        let isDerived = plan.derived.contains { $0.point == point }
        run = isDerived ? DerivedRun(plan: plan, point: point) : nil
        let points = run?.inputs ?? [point]
        feed = StoredFeed(reader, from: Dictionary(uniqueKeysWithValues: points.map { ($0, start) }), until: end)
    }

    /// The next readings; nil after the last. May be empty.
    package mutating func next() throws -> [Reading]? {
        guard let readings = try feed.next() else { return nil }
        guard let run else { return readings }
        var computed: [Reading] = []
        var rest = readings[...]
        while let time = rest.first?.time {
            let instant = rest.prefix { $0.time == time }
            rest = rest.dropFirst(instant.count)
            if let reading = run.reading(at: time, from: instant) { computed.append(reading) }
        }
        return computed
    }
}
