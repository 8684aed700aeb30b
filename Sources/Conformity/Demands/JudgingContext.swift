import Metering

/// What a verdict needs besides the value.
package struct JudgingContext: Sendable, Hashable {
    /// The first reading of any point.
    package var recordStart: Instant
    /// Reductions: what is measured against, in the indicator's unit; nil while it cannot be computed.
    package var baseline: Double?
    /// Whether the objective's `while` held for the whole window; nil where it has none. Unknown is false.
    package var guardHolds: Bool?
    /// Whether the baseline's stretch also holds windows of another unit or other windows (Rules 13).
    package var isBaselineForeign = false
    /// The model of the indicator with what drove the window; nil where it is not needed or may not be used.
    package var model: ModelledWindow?
    /// What the demand remembered after the window before; the judge's own.
    var past: [Double] = []

    /// The context of one window.
    package init(recordStart: Instant, baseline: Double? = nil, guardHolds: Bool? = nil) {
        self.recordStart = recordStart
        self.baseline = baseline
        self.guardHolds = guardHolds
    }
}
