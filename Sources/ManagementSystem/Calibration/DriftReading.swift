import Metering

/// A reading of an analyser at zero and at span, less what the references are (QAL3 of EN 14181).
package struct DriftReading: Codable, Hashable, Sendable {
    package var point: String
    /// In milliseconds since 1970.
    package var time: Int64
    /// Reading less reference at zero.
    package var zero: Double
    /// Reading less reference at span.
    package var span: Double
    /// The reference at zero, in the unit of the point.
    package var zeroReference: Double
    /// The reference at span.
    package var spanReference: Double
    /// Standard deviation of the analyser, in the unit of the point.
    package var deviation: Double
    /// Who entered it.
    package var by: String

    /// What was read at zero and span, with the references.
    package init(
        point: String, time: Instant, zero: Double, span: Double, zeroReference: Double = 0, spanReference: Double = 0,
        deviation: Double, by: String
    ) {
        (self.point, self.time, self.deviation, self.by) = (point, time.milliseconds, deviation, by)
        (self.zero, self.span) = (zero - zeroReference, span - spanReference)
        (self.zeroReference, self.spanReference) = (zeroReference, spanReference)
    }
}
