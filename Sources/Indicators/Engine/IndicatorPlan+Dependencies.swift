import Metering

extension IndicatorPlan {
    /// By point, the positions in ``derived`` of the derived points that depend on it, directly or not, in order of
    /// computation.
    var dependentsByPoint: [[Int]] {
        var dependents: [[Int]] = Array(repeating: [], count: points.count)
        for point in points.indices {
            var reached: Set<PointIndex> = [PointIndex(point)]
            for (position, derived) in self.derived.enumerated() where derived.inputs.contains(where: reached.contains)
            {
                reached.insert(derived.point)
                dependents[point].append(position)
            }
        }
        return dependents
    }

    /// The points an indicator uses, also through the indicators that it is computed from: by the formulas in force
    /// over a stretch, or by any (nil).
    package func pointsUsed(by indicator: Int, over stretch: Window? = nil) -> [PointIndex] {
        let definition = indicators[indicator]
        var leaves = definition.leaves(over: stretch)
        leaves += (definition.model?.indicators ?? []).map { .values(.count, $0) }
        return pointsUsed(by: leaves, definition.condition, over: stretch)
    }

    /// The points that those aggregates and that condition use, also through the indicators that they are computed
    /// from: by the formulas in force over a stretch, or by any (nil).
    func pointsUsed(
        by leaves: [Aggregate], _ condition: Condition<PointIndex>?, over stretch: Window? = nil
    ) -> [PointIndex] {
        var seen: Set<PointIndex> = []
        let direct = leaves.flatMap(\.points) + (condition?.leaves ?? [])
        let behind = leaves.compactMap(\.indicator).flatMap { pointsUsed(by: $0, over: stretch) }
        return (direct + behind).filter { seen.insert($0).inserted }
    }

    /// Whether an indicator, or one that it is computed from, has a formula that changes at a date.
    func isDated(_ indicator: Int) -> Bool {
        !indicators[indicator].later.isEmpty || indicators[indicator].indicators.contains(where: isDated)
    }

    /// The points that are read from meters, and not computed.
    package var measuredPoints: [PointIndex] {
        let derived = Set(derived.map(\.point))
        return points.indices.map { PointIndex($0) }.filter { !derived.contains($0) }
    }

    /// The measured points among, or behind, those points.
    package func measuredPoints(behind wanted: [PointIndex]) -> Set<PointIndex> {
        var measured: Set<PointIndex> = []
        let positions = Dictionary(uniqueKeysWithValues: derived.enumerated().map { ($1.point, $0) })
        func visit(_ point: PointIndex) {
            if let position = positions[point] {
                for input in derived[position].inputs { visit(input) }
            } else {
                measured.insert(point)
            }
        }
        for point in wanted { visit(point) }
        return measured
    }

    /// The counters that are computed from a measured point and others: an index that stands in several registers.
    package func derivedCounters(behind point: PointIndex) -> [PointIndex] {
        derived.lazy.map(\.point).filter { points[Int($0)].kind == .counter }
            .filter { measuredPoints(behind: [$0]).contains(point) }
    }

    /// For how long after its time a reading of a gauge or state can matter, in milliseconds: while it is held, and as
    /// long as what was computed from it meanwhile is, along the longest chain of derived points.
    package func reach(of point: PointIndex) -> Int64 {
        var reaches = points.map(\.maxGap)
        // Each comes after its inputs, so what it reaches itself is known before they are asked.
        for derived in derived.reversed() {
            let onwards = reaches[Int(derived.point)]
            for input in derived.inputs {
                reaches[Int(input)] = max(reaches[Int(input)], points[Int(input)].maxGap + onwards)
            }
        }
        return reaches[Int(point)]
    }

    /// By indicator, those that are computed from it.
    package var users: [[Int]] {
        var users = [[Int]](repeating: [], count: indicators.count)
        for index in indicators.indices {
            for source in indicators[index].indicators { users[source].append(index) }
        }
        return users
    }
}

extension DerivedPoint {
    /// The reading at an instant, from the inputs held at it (Rules 6).
    package func reading(
        at time: Instant, held: (PointIndex) -> (value: Double, isUncertain: Bool)?
    ) -> Reading {
        var isUncertain = false
        let formula = formula(at: time)
        let value = formula.value { input in
            guard let input = held(input) else { return nil }
            if input.isUncertain { isUncertain = true }
            return input.value
        }
        // An input that is not held makes the reading bad even where the formula does not get as far as asking for it.
        guard let value, formula.leaves.allSatisfy({ held($0) != nil }) else {
            return Reading(point, time, bad: .missing)
        }
        return Reading(point, time, value, isUncertain ? .uncertain : .good)
    }
}
