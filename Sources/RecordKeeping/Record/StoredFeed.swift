import Indicators
import Metering
import Storage

/// Stored readings of several points as one stream in order of time, for an engine that goes over a stretch once more.
///
/// Only a slice of the stretch is in memory at a time.
package struct StoredFeed {
    private let reader: StoreReader
    /// From when each point's readings are wanted.
    private let starts: [(point: PointIndex, start: Instant)]
    /// Up to where it has been read.
    package private(set) var position: Instant
    private let end: Instant
    private let most: Int
    /// Milliseconds that are read next.
    package private(set) var slice: Int64

    /// The readings of each point from its start up to, not including, `end`; `position` is that of a feed before, which
    /// this one goes on from, and `slice` how far it read at a time; `most` is about how many readings one slice has at the most.
    package init(
        _ reader: StoreReader, from starts: [PointIndex: Instant], until end: Instant, at position: Instant? = nil,
        slice: Int64? = nil, most: Int = 500_000
    ) {
        self.reader = reader
        self.most = most
        self.slice = slice ?? (most < 100_000 ? 60_000 : 6 * 3_600_000)
        // Neighbouring points are read together.
        self.starts = starts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.end = end
        self.position = position ?? starts.values.min() ?? end
    }

    /// The next readings, sorted by time; nil after the last. May be empty.
    package mutating func next() throws -> [Reading]? {
        guard position < end else { return nil }
        let begin = position
        var edge = min(end, begin + slice)
        var readings: [Reading] = []
        for (point, start) in starts where start < edge {
            try reader.readings(point, in: Window(start: max(start, begin), end: edge)) { readings.append($0) }
            // Where few readings were made and then many, the slice that met few of them is too long.
            while readings.count > most, edge - begin > 1000 {
                edge = begin + (edge - begin) / 2
                readings.removeAll { $0.time >= edge }
                slice = edge - begin
            }
        }
        position = edge
        if readings.count < most / 10 { slice = min(slice * 2, end - begin + 60_000) }
        readings.sort {
            let (one, other) = ($0.time.milliseconds, $1.time.milliseconds)
            return one == other ? $0.point < $1.point : one < other
        }
        return readings
    }

    /// From where a point must be read so that its state at `instant` is known: its last reading before, or for a
    /// counter the last one that was believed with nothing pending; `instant` itself where there is none. The same for counters that
    /// are computed from it.
    ///
    /// Whether a counter that begins anew in each period of the calendar has done so already shows from the period's beginning.
    package static func start(
        of point: PointIndex, before instant: Instant, plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Instant {
        try plan.derivedCounters(behind: point).reduce(ownStart(of: point, before: instant, plan, reader)) {
            try min($0, ownStart(of: $1, before: instant, plan, reader))
        }
    }

    private static func ownStart(
        of point: PointIndex, before instant: Instant, _ plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Instant {
        // What is stamped at the start of its stretch stands only at the end.
        let instant = instant - plan.points[Int(point)].longestDelay
        var start = try settledStart(of: point, before: instant, plan: plan, reader)
        let sequences = plan.points[Int(point)].resetPeriods().map { WindowSequence($0.rule, calendar: $0.calendar) }
        // By rules of another period, or another zone, it may have begun anew before; what they decided needs theirs.
        for _ in sequences {
            while let edge = sequences.map({ $0.edge(before: start + 1) }).min() {
                start = try settledStart(of: point, before: edge, plan: plan, reader)
                // Where a suspect was pending over the edge the state is that of an earlier period.
                if try start >= lastUsable(point, before: edge, plan, reader)?.low ?? edge { break }
            }
        }
        return start
    }

    /// Between which times a point's last usable reading before an instant was made: of one that is computed, from its parts'.
    private static func lastUsable(
        _ point: PointIndex, before instant: Instant, _ plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> (low: Instant, high: Instant)? {
        guard plan.derived.contains(where: { $0.point == point }) else {
            let time = try reader.lastReading(point, before: instant, usable: true)?.time
            return time.map { ($0, $0) }
        }
        var (low, high) = (Instant.distantFuture, Instant.distantPast)
        for part in plan.measuredPoints(behind: [point]) {
            guard let time = try reader.lastReading(part, before: instant, usable: true)?.time else { return nil }
            (low, high) = (min(low, time), max(high, time))
        }
        return low <= high ? (low, high) : nil
    }

    private static func settledStart(
        of point: PointIndex, before instant: Instant, plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Instant {
        guard plan.points[Int(point)].kind == .counter else {
            return try reader.lastReading(point, before: instant, usable: false)?.time ?? instant
        }
        guard let last = try lastUsable(point, before: instant, plan, reader) else { return instant }
        // A suspect was pending from a decision's time through its last suspect: nothing in there says enough alone.
        // Where suspects were dropped without an advance the next reading was suspect at once, so the decision before
        // it counts too.
        let isIndex = plan.points[Int(point)].longestStretch == 0
        var pending: LedgerEntry?
        try reader.decisions(point, upTo: last.high) { decision in
            if pending == nil {
                // Decisions do not overlap: only the newest can have been pending at the reading.
                guard decision.leftPending, decision.lastSuspect >= last.low else { return false }
            } else {
                guard decision.verdict == .glitch, decision.advance == nil else { return false }
                // What is dropped of use per interval says nothing of the readings after it.
                if !isIndex, try !isNext(decision, pending, reader) { return false }
            }
            pending = decision
            return true
        }
        guard let first = pending?.time else { return last.low }
        return try lastUsable(point, before: first, plan, reader)?.low ?? first
    }

    /// Whether no usable reading lies between what a decision dropped and a later one.
    private static func isNext(_ decision: LedgerEntry, _ later: LedgerEntry?, _ reader: StoreReader) throws -> Bool {
        guard let later else { return false }
        return try reader.lastReading(later.point, before: later.time, usable: true)?.time == decision.lastSuspect
    }
}

extension LedgerEntry {
    /// Whether readings waited for the decision.
    fileprivate var leftPending: Bool { verdict != .rollover && verdict != .declaredExchange }
}
