import Metering

/// What one poll said about one point.
package struct PolledValue: Sendable, Hashable {
    /// Which point of the plant.
    package var point: PointIndex
    /// In the point's unit; not a number where the quality is bad.
    package var value: Double
    /// Good or bad; never uncertain here.
    package var quality: Quality
    /// Why it is bad; ``Metering/Reason/none`` for a good one.
    package var reason: Reason

    /// A good value.
    package init(point: PointIndex, value: Double) {
        self.point = point
        self.value = value
        quality = .good
        reason = .none
    }

    /// No value, for this reason.
    package init(point: PointIndex, bad reason: Reason) {
        self.point = point
        value = .nan
        quality = .bad
        self.reason = reason
    }
}

/// Where readings go.
package protocol ReadingSink: AnyObject, Sendable {
    /// Delivers what one poll of one meter gave, each due point once; the sink stamps the time and returns at once.
    ///
    /// Called from link threads, for different links at the same time.
    func deliver(_ readings: [PolledValue], from meter: String)
}
