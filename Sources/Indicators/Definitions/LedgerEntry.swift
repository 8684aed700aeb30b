import Metering

/// What the counter rules decided about a reading that did not simply continue (Rules 4).
package enum LedgerVerdict: UInt8, Sendable, Hashable, CaseIterable {
    /// The register started anew at its modulus.
    case rollover = 0
    /// Not yet decided.
    case suspect = 1
    /// The readings were impossible and became bad: implausible.
    case glitch = 2
    /// A jump that stood long enough to be believed.
    case confirmed = 3
    /// The register was set back.
    case reset = 4
    /// The register was replaced by a higher one.
    case exchange = 5
    /// An exchange that the configuration or an operator declared.
    case declaredExchange = 6
    /// The register lost its last counts and went on from there.
    case fallback = 7

    /// The word in CSV and JSON.
    package var text: String {
        switch self {
        case .rollover: "rollover"
        case .suspect: "suspect"
        case .glitch: "glitch"
        case .confirmed: "confirmed"
        case .reset: "reset"
        case .exchange: "exchange"
        case .declaredExchange: "declared-exchange"
        case .fallback: "fallback"
        }
    }
}

/// One decision about a counter.
package struct LedgerEntry: Sendable, Hashable {
    package var point: PointIndex
    /// The first suspect's time; for a rollover or declared exchange the new reading's.
    package var time: Instant
    package var verdict: LedgerVerdict
    /// The sum of the decision's parts in the counter's unit; nil while pending and where the suspects were dropped without one.
    package var advance: Double? { didSet { advance = advance?.withoutSignOfZero } }
    /// The last suspect's time; the same as ``time`` for a rollover or declared exchange.
    ///
    /// For a ``LedgerVerdict/glitch`` every usable reading of the point in `[time, lastSuspect]` is bad: implausible;
    /// of a point of use per interval: overlap.
    package var lastSuspect: Instant

    /// A decision.
    package init(point: PointIndex, time: Instant, verdict: LedgerVerdict, advance: Double?, lastSuspect: Instant) {
        self.point = point
        self.time = time
        self.verdict = verdict
        self.advance = advance?.withoutSignOfZero
        self.lastSuspect = lastSuspect
    }
}
