/// The index of a point in its plant: measured points first, derived ones after them.
package typealias PointIndex = Int32

/// One value of one point at one time, with its quality (Rules 2).
package struct Reading: Sendable {
    /// When the answer arrived.
    package var time: Instant
    /// In the point's unit; not a number for a bad reading, which has no value.
    package var value: Double
    /// Which point of the plant.
    package var point: PointIndex
    package var quality: Quality
    /// Why it is not good.
    package var reason: Reason

    /// A reading with a value: good, or uncertain.
    @inlinable package init(
        _ point: PointIndex, _ time: Instant, _ value: Double, _ quality: Quality = .good, _ reason: Reason = .none
    ) {
        self.time = time
        self.value = quality == .bad ? .nan : value
        self.point = point
        self.quality = quality
        self.reason = reason
    }

    /// A bad reading.
    @inlinable package init(_ point: PointIndex, _ time: Instant, bad reason: Reason) {
        self.init(point, time, .nan, .bad, reason)
    }

    /// Good or uncertain.
    @inlinable package var isUsable: Bool { quality != .bad }

    /// Whether the two say the same of their point: value and quality (not the reason, which explains but does not decide).
    @inlinable package func saysTheSame(as other: Reading) -> Bool {
        quality == other.quality && (quality == .bad || value == other.value)
    }
}
