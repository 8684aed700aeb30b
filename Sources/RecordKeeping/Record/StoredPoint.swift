import Indicators
import Metering
import Storage

/// The readings of any point as the rules see them: the counter's decisions laid over, a derived point's computed from what is stored.
package struct StoredPoint {
    private let point: PointIndex
    private let plan: IndicatorPlan

    /// A point of a plan that the store has adopted.
    package init(_ point: PointIndex, plan: IndicatorPlan) {
        self.point = point
        self.plan = plan
    }

    /// The readings in a stretch in order of time; a reading that the counter rules found impossible is bad: implausible.
    package func readings(
        in stretch: Window, _ reader: StoreReader, _ body: (Reading) throws -> Void
    ) throws {
        if plan.derived.contains(where: { $0.point == point }) {
            try derived(in: stretch, reader, body)
            return
        }
        guard plan.points[Int(point)].kind == .counter else {
            try reader.readings(point, in: stretch, body)
            return
        }
        var overlay = try LedgerOverlay(of: point, plan.points[Int(point)], in: stretch, reader)
        try reader.readings(point, in: stretch) { try body(overlay.shown($0)) }
    }

    private func derived(in stretch: Window, _ reader: StoreReader, _ body: (Reading) throws -> Void) throws {
        let run = DerivedRun(plan: plan, point: point)
        var starts: [PointIndex: Instant] = [:]
        for input in run.inputs {
            starts[input] = try StoredFeed.start(of: input, before: stretch.start, plan: plan, reader)
        }
        var feed = StoredFeed(reader, from: starts, until: stretch.end)
        while let readings = try feed.next() {
            var from = 0
            while from < readings.count {
                var to = from
                while to < readings.count, readings[to].time == readings[from].time { to += 1 }
                let time = readings[from].time
                if let reading = run.reading(at: time, from: readings[from..<to]), stretch.contains(time) {
                    try body(reading)
                }
                from = to
            }
        }
    }
}
