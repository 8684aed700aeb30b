import Metering

/// By point, what an instant at which the point has a reading concerns.
struct LaneTable {
    /// What is brought up to the instant before the reading is taken, in this order.
    private(set) var integrated: [[any Lane]]
    /// What takes the reading.
    private(set) var sampled: [[PointLane]]
    /// What decides anew from the instant on.
    private(set) var refreshed: [[ConditionLane]]
    /// The indicators whose closed windows a late decision about the counter may reach into; empty for gauges.
    private(set) var counterTracks: [[Int]]

    /// Nothing, for that many points.
    init(points: Int) {
        integrated = Array(repeating: [], count: points)
        sampled = Array(repeating: [], count: points)
        refreshed = Array(repeating: [], count: points)
        counterTracks = Array(repeating: [], count: points)
    }

    /// Adds the lanes of an indicator that was opened.
    mutating func add(_ track: IndicatorTrack, isCounter: (PointIndex) -> Bool) {
        for lane in track.pointLanes {
            integrated[Int(lane.point)].append(lane)
            sampled[Int(lane.point)].append(lane)
            if isCounter(lane.point) { counterTracks[Int(lane.point)].append(track.index) }
        }
        for lane in track.conditionLanes.values {
            for input in lane.state.inputs {
                integrated[Int(input)].append(lane)
                refreshed[Int(input)].append(lane)
            }
        }
        guard let gate = track.gate else { return }
        for input in gate.state.inputs {
            // Everything behind the gate must see it as it was until this instant, and the gate itself comes last.
            integrated[Int(input)].append(contentsOf: track.pointLanes.filter { $0.point != input })
            integrated[Int(input)].append(
                contentsOf: track.conditionLanes.values.filter { !$0.state.inputs.contains(input) })
            integrated[Int(input)].append(gate)
            refreshed[Int(input)].append(gate)
        }
    }
}
