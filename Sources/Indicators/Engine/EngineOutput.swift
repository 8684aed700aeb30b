import Metering

/// What the engine found out while it took readings.
package struct EngineOutput: Sendable {
    /// Windows that closed, in the order in which they did.
    package var closed: [IndicatorValue] = []
    /// Decisions about counters; one at the same point and time replaces the one before.
    package var ledger: [LedgerEntry] = []
    /// Closed windows of an indicator that overlap the stretch no longer say what the readings say: an advance that
    /// was decided late reaches into them.
    package var reopened: [(indicator: Int, stretch: Window)] = []
    /// An advance of the counter over the stretch reaches into the time of definitions that ended.
    package var reached: [(point: PointIndex, stretch: Window)] = []
    /// Baseline models that were made, or made anew.
    package var fits: [(indicator: Int, fit: ModelFit)] = []

    /// Nothing.
    package init() {}

    /// Whether there is nothing.
    package var isEmpty: Bool { closed.isEmpty && ledger.isEmpty && reopened.isEmpty && reached.isEmpty }
}
