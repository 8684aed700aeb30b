import Metering

/// The counter rules run alone over stored readings of one counter, to find out what a late or corrected reading changed.
///
/// Begin with a believed reading (or the first there is) and go on in order of time.
package struct LedgerRun {
    private var ledger: CounterLedger
    private let definition: PointDefinition
    /// The decisions so far, the last one at each time.
    package private(set) var entries: [LedgerEntry] = []

    /// A run before its first reading.
    package init(point: PointIndex, definition: PointDefinition) {
        self.definition = definition
        ledger = CounterLedger(point: point, definition: definition)
    }

    /// Takes the next reading; bad ones are passed over.
    package mutating func take(_ reading: Reading) {
        guard reading.isUsable else { return }
        let time = reading.time.milliseconds
        let sample = CounterSample(
            time: time + definition.counting(at: reading.time).delay, value: reading.value,
            isUncertain: reading.quality == .uncertain, stamp: time)
        guard case .decided(let decision) = ledger.take(sample) else { return }
        for entry in decision.entries {
            while let last = entries.last, last.time >= entry.time { entries.removeLast() }
            entries.append(entry)
        }
    }

    /// The last believed reading's time where no suspect is pending; nil otherwise.
    package var settled: Instant? {
        ledger.suspects.isEmpty ? ledger.accepted.map { Instant(milliseconds: $0.stamp) } : nil
    }
}
