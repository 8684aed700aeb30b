import Metering

/// What a point is held at (Rules 3).
struct HeldSignal {
    /// Of the newest reading, usable or bad.
    var time = Int64.min
    var value = Double.nan
    /// The first millisecond at which the newest reading holds no more; never, for a bad one.
    var holdEnd = Int64.min
    var isUncertain = false
    /// Of the newest usable reading.
    var usableTime = Int64.min

    /// Takes the point's next reading: a usable one holds for at most `maxGap`, a bad one ends the hold.
    @inline(__always)
    mutating func take(_ reading: Reading, maxGap: Int64) {
        time = reading.time.milliseconds
        if reading.isUsable {
            value = reading.value
            holdEnd = time + maxGap
            isUncertain = reading.quality == .uncertain
            usableTime = time
        } else {
            holdEnd = .min
        }
    }
}

/// The signals of all points of a plan, at a fixed place in memory because every lane looks at them at every reading.
final class SignalTable {
    let signals: UnsafeMutableBufferPointer<HeldSignal>

    init(count: Int) {
        signals = .allocate(capacity: count)
        signals.initialize(repeating: HeldSignal())
    }

    deinit {
        signals.deinitialize()
        signals.deallocate()
    }

    /// The value held at that time.
    @inline(__always)
    func held(_ point: PointIndex, at time: Int64) -> Double? {
        let signal = signals[Int(point)]
        return time < signal.holdEnd ? signal.value : nil
    }
}
