import Metering

extension Reading {
    /// The reading with a stored time, value and code.
    @inline(__always)
    package init(_ point: PointIndex, _ time: Int64, _ value: Double, _ code: UInt16) {
        self.init(
            point, Instant(milliseconds: time), value, Quality(rawValue: UInt8(truncatingIfNeeded: code)) ?? .bad,
            Reason(rawValue: UInt8(truncatingIfNeeded: code >> 8)))
    }
}
