import Indicators
import Metering
import Storage

/// Lays the decisions of the counter rules over the readings of one point, which themselves are never edited.
package struct LedgerOverlay {
    private var glitches: ArraySlice<LedgerEntry>
    private let reason: Reason

    /// The overlay of what was decided about the readings of a stretch.
    ///
    /// `definition` is the point's; nil where the configuration is not known.
    package init(
        of point: PointIndex, _ definition: PointDefinition?, in stretch: Window, _ reader: StoreReader
    ) throws {
        reason = definition?.counting.isIndex ?? true ? .implausible : .overlap
        // Decisions do not overlap: of those before the stretch only the newest can reach into it.
        var start = stretch.start
        try reader.decisions(point, upTo: start) { decision in
            start = decision.time
            return false
        }
        let entries = try reader.ledger(point, in: Window(start: start, end: stretch.end))
        glitches = entries.filter { $0.verdict == .glitch }[...]
    }

    /// The reading as it stands after the counter rules; to be called in the order of time.
    package mutating func shown(_ reading: Reading) -> Reading {
        while let first = glitches.first, first.lastSuspect < reading.time { glitches.removeFirst() }
        guard let first = glitches.first, first.time <= reading.time, reading.isUsable else { return reading }
        return Reading(reading.point, reading.time, bad: reason)
    }
}
