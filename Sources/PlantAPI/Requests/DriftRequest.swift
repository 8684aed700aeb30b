/// What somebody read at zero and span: the body of `POST /v1/points/NAME/qal3`.
package struct DriftRequest: Sendable, Hashable, Codable {
    /// When, written like `--since`; nil: now.
    package var time: String?
    /// What the analyser read at zero and at span, in the point's unit.
    package var zero: Double
    package var span: Double
    /// What it should have read; nil: as the time before, at first 0.
    package var zeroReference: Double?
    package var spanReference: Double?
    /// The analyser's standard deviation; nil: as the time before.
    package var deviation: Double?

    /// What was read.
    package init(
        time: String?, zero: Double, span: Double, zeroReference: Double?, spanReference: Double?, deviation: Double?
    ) {
        self.time = time
        (self.zero, self.span) = (zero, span)
        (self.zeroReference, self.spanReference, self.deviation) = (zeroReference, spanReference, deviation)
    }

    /// All figures that were given.
    package var figures: [Double] { [zero, span] + [zeroReference, spanReference, deviation].compactMap { $0 } }
}
