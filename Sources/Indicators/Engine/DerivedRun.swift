import Metering

/// Computes the readings of a derived point from stored readings of what is behind it, by the same rule as the engine (Rules 6).
package struct DerivedRun {
    private let plan: IndicatorPlan
    private let positions: [Int]
    private let wanted: PointIndex
    private let table: SignalTable
    /// The measured points whose readings it needs.
    package let inputs: Set<PointIndex>

    /// A run for one derived point of the plan.
    package init(plan: IndicatorPlan, point: PointIndex) {
        self.plan = plan
        wanted = point
        table = SignalTable(count: plan.points.count)
        inputs = plan.measuredPoints(behind: [point])
        var needed: Set<PointIndex> = [point]
        for derived in plan.derived.reversed() where needed.contains(derived.point) { needed.formUnion(derived.inputs) }
        positions = plan.derived.indices.filter { needed.contains(plan.derived[$0].point) }
    }

    /// Takes all readings of the inputs at one instant, later than the one before, and returns the derived point's.
    package func reading(at time: Instant, from readings: some Sequence<Reading>) -> Reading? {
        var touched: Set<PointIndex> = []
        for reading in readings where inputs.contains(reading.point) {
            take(reading)
            touched.insert(reading.point)
        }
        var result: Reading?
        for position in positions {
            let derived = plan.derived[position]
            guard derived.formula(at: time).leaves.contains(where: touched.contains) else { continue }
            let reading = derived.reading(at: time) { input in
                let signal = table.signals[Int(input)]
                return time.milliseconds < signal.holdEnd ? (signal.value, signal.isUncertain) : nil
            }
            take(reading)
            touched.insert(derived.point)
            if derived.point == wanted { result = reading }
        }
        return result
    }

    private func take(_ reading: Reading) {
        table.signals[Int(reading.point)].take(reading, maxGap: plan.points[Int(reading.point)].maxGap)
    }
}
