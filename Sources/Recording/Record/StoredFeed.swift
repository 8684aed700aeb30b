import Indicators
import Metering
import Storage

/// Stored readings of several points as one stream in order of time, for an engine that goes over a stretch once more.
///
/// Only a slice of the stretch is in memory at a time.
struct StoredFeed {
    private let reader: StoreReader
    /// From when each point's readings are wanted.
    private let starts: [(point: PointIndex, start: Instant)]
    /// Up to where it has been read.
    private(set) var position: Instant
    private let end: Instant
    private let most: Int
    /// Milliseconds that are read next.
    private(set) var slice: Int64

    /// The readings of each point from its start up to, not including, `end`; `position` is that of a feed before, which
    /// this one goes on from, and `slice` how far it read at a time; `most` is about how many readings one slice has at the most.
    init(
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
    mutating func next() throws -> [Reading]? {
        guard position < end else { return nil }
        let stretch = Window(start: position, end: min(end, position + slice))
        var readings: [Reading] = []
        for (point, start) in starts where start < stretch.end {
            try reader.readings(point, in: Window(start: max(start, stretch.start), end: stretch.end)) {
                readings.append($0)
            }
        }
        position = stretch.end
        if readings.count < most / 10 {
            slice = min(slice * 2, end - stretch.start + 60_000)
        } else if readings.count > most {
            slice = max(1000, slice / 2)
        }
        readings.sort { ($0.time, $0.point) < ($1.time, $1.point) }
        return readings
    }

    /// From where a point must be read so that its state at `instant` is known: its last reading before, or for a
    /// counter the last one that was believed with nothing pending; `instant` itself where there is none.
    ///
    /// Whether a counter that begins anew in each period of the calendar has done so already shows from the period's beginning.
    static func start(
        of point: PointIndex, before instant: Instant, plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Instant {
        // What is stamped at the start of its stretch stands only at the end.
        let instant = instant - plan.points[Int(point)].longestDelay
        guard let period = plan.points[Int(point)].resetPeriod else {
            return try settledStart(of: point, before: instant, plan: plan, reader)
        }
        let sequence = WindowSequence(period.rule, calendar: period.calendar)
        var start = try settledStart(of: point, before: instant, plan: plan, reader)
        while true {
            let edge = sequence.edge(before: start + 1)
            start = try settledStart(of: point, before: edge, plan: plan, reader)
            // Where a suspect was pending over the edge the state is that of an earlier period.
            if try start >= reader.lastReading(point, before: edge, usable: true)?.time ?? edge { return start }
        }
    }

    private static func settledStart(
        of point: PointIndex, before instant: Instant, plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> Instant {
        guard plan.points[Int(point)].kind == .counter else {
            return try reader.lastReading(point, before: instant, usable: false)?.time ?? instant
        }
        guard let reading = try reader.lastReading(point, before: instant, usable: true) else { return instant }
        // A suspect was pending from a decision's time through its last suspect: nothing in there says enough alone.
        // Where suspects were dropped without an advance the next reading was suspect at once, so the decision before
        // it counts too.
        let isIndex = plan.points[Int(point)].longestStretch == 0
        var pending: LedgerEntry?
        try reader.decisions(point, upTo: reading.time) { decision in
            if pending == nil {
                // Decisions do not overlap: only the newest can have been pending at the reading.
                guard decision.leftPending, decision.lastSuspect >= reading.time else { return false }
            } else {
                guard decision.verdict == .glitch, decision.advance == nil else { return false }
                // What is dropped of use per interval says nothing of the readings after it.
                if !isIndex, try !isNext(decision, pending, reader) { return false }
            }
            pending = decision
            return true
        }
        guard let first = pending?.time else { return reading.time }
        return try reader.lastReading(point, before: first, usable: true)?.time ?? first
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
