import Metering

/// The points that the readings of one instant give a new value: those that were read, and the derived ones behind them.
struct TouchedPoints {
    /// The points, those that were read first, derived ones in order of computation.
    private(set) var points: [PointIndex] = []
    /// By derived point, in order of computation, whether it is among them.
    private(set) var derived: [Bool]
    /// Whether some derived point is among them.
    private(set) var hasDerived = false

    private let plan: IndicatorPlan
    /// By point, the derived points that depend on it, in order of computation.
    private let dependents: [[Int]]
    /// Whether some derived point has more than one formula.
    private let isDated: Bool

    /// None, of that plan.
    init(_ plan: IndicatorPlan) {
        self.plan = plan
        dependents = plan.dependentsByPoint
        isDated = plan.derived.contains { !$0.later.isEmpty }
        derived = Array(repeating: false, count: plan.derived.count)
    }

    /// Finds those of an instant.
    mutating func look(at readings: [Reading], _ time: Int64) {
        points.removeAll(keepingCapacity: true)
        if hasDerived {
            for index in derived.indices { derived[index] = false }
            hasDerived = false
        }
        for reading in readings {
            points.append(reading.point)
            for dependent in dependents[Int(reading.point)] where !derived[dependent] {
                derived[dependent] = true
                hasDerived = true
            }
        }
        guard hasDerived else { return }
        if isDated { leaveOutOfForce(at: Instant(milliseconds: time)) }
        for index in derived.indices where derived[index] { points.append(plan.derived[index].point) }
    }

    /// Leaves out the derived points that the touched points are behind only at other times.
    private mutating func leaveOutOfForce(at time: Instant) {
        var reached = Set(points)
        for index in derived.indices where derived[index] {
            let definition = plan.derived[index]
            if definition.formula(at: time).leaves.contains(where: reached.contains) {
                reached.insert(definition.point)
            } else {
                derived[index] = false
            }
        }
    }
}
