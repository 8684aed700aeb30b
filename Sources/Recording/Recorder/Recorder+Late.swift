import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Takes readings that are older than what the engine has seen, or correct it: they are stored already; what they
    /// change is computed again.
    func takeLate(_ late: [Reading], _ session: RecordingSession) throws {
        attention.operation = OperationMemory()
        // What it has read may say otherwise now.
        recomputation = nil
        let clock = engine.clock
        var stretches: [Int: [Window]] = [:]
        var beginning: Window?
        if let earliest = late.map(\.time).min(), let begin = recordStart, earliest < begin {
            recordStart = earliest
            // Every indicator has every window that ends after the record begins (Rules 7).
            let gained = Window(start: earliest, end: begin + 1)
            for index in plan.indicators.indices { stretches[index] = [gained] }
            doubtPeriod(of: begin, session)
            beginning = gained
        }
        let reached = try reach(of: late, through: clock, session)
        for (point, reached) in reached {
            for user in users(of: point) { stretches[user, default: []] += reached }
        }
        try revisePast(reached, beginning, reason: "late-reading", session)
        for (index, stretches) in stretches {
            for stretch in stretches { session.pending.revise(index, over: stretch, reason: "late-reading") }
        }
        try settle(session)
        engine = IndicatorEngine(plan: plan)
        try openEngine(session, clock: clock)
    }

    /// Decides again what counter rules make of readings that came late, and returns by point the stretches into which these
    /// reach.
    func reach(
        of late: [Reading], through clock: Instant, _ session: RecordingSession
    ) throws -> [PointIndex: [Window]] {
        var reached: [PointIndex: [Window]] = [:]
        let byPoint = Dictionary(grouping: late, by: \.point)
        for (point, readings) in byPoint.sorted(by: { $0.key < $1.key }) {
            for times in clusters(of: readings.map(\.time)) {
                var stretch =
                    plan.points[Int(point)].kind == .counter
                    ? try reviseLedger(of: point, around: times, through: clock, session)
                    : Window(start: times.start, end: times.end + plan.reach(of: point))
                for derived in plan.derivedCounters(behind: point) {
                    let other = try reviseLedger(of: derived, around: stretch, through: clock, session)
                    session.pending.touch(derived, other)
                    stretch = Window(start: min(stretch.start, other.start), end: max(stretch.end, other.end))
                }
                session.pending.touch(point, stretch)
                reached[point, default: []].append(stretch)
            }
        }
        return reached
    }

    /// The indicators that are computed from a measured point.
    func users(of point: PointIndex) -> [Int] {
        plan.indicators.indices.filter { index in
            plan.measuredPoints(behind: plan.indicators[index].points).contains(point)
        }
    }

    /// Computes again what lacked readings that came back into the store only now, all of them at or before `instant`.
    package func takeReturned(upTo instant: Instant, now: Instant) throws {
        try transact(now: now) { session in
            let late = try plan.measuredPoints.compactMap { point in
                try session.writer.lastReading(point, before: instant + 1, usable: false)
            }
            if !late.isEmpty { try takeLate(late, session) }
        }
    }

    /// Where the record begins earlier, what an objective adds up over a calendar period may be measured otherwise until the
    /// end of the one that holds the beginning as it was.
    func doubtPeriod(of begin: Instant, _ session: RecordingSession) {
        for objective in objectives where objective.isAtWork {
            guard let rule = objective.definition.requirement.demand.period else { continue }
            let period = WindowSequence(WindowRule(grid: rule.grid), calendar: plan.calendar).first(endingAfter: begin)
            session.pending.doubt(objective.index, VerdictDoubt(from: begin + 1, through: period.end))
        }
    }

    /// Stretches of times that lie within a day of each other, each from its first to its last.
    private func clusters(of times: [Instant]) -> [Window] {
        var clusters: [Window] = []
        for time in times.sorted() {
            if let last = clusters.last, time - last.end <= 86_400_000 {
                clusters[clusters.count - 1].end = time
            } else {
                clusters.append(Window(start: time, end: time))
            }
        }
        return clusters
    }

    func merged(_ stretches: [Window]) -> [Window] {
        var merged: [Window] = []
        for stretch in stretches.sorted(by: { $0.start < $1.start }) {
            if let last = merged.last, stretch.start <= last.end {
                merged[merged.count - 1].end = max(last.end, stretch.end)
            } else {
                merged.append(stretch)
            }
        }
        return merged
    }

    /// Runs a counter's rules again from the last believed reading before the late ones until they agree with what
    /// was decided before, and returns the stretch in which they may differ.
    func reviseLedger(
        of point: PointIndex, around times: Window, through clock: Instant, _ session: RecordingSession
    ) throws -> Window {
        let writer = session.writer
        let start = try StoredFeed.start(of: point, before: times.start, plan: plan, writer)
        var before = EarlierDecisions(of: point, after: start)
        var run = LedgerRun(point: point, definition: plan.points[Int(point)])
        var feed = CounterFeed(of: point, from: start, until: clock + 1, plan: plan, writer)
        var agreed: Instant?
        // Of a counter that begins anew in periods both agree only where a period begins between two readings.
        let periods = plan.points[Int(point)].resetPeriods(since: times.end)
            .map { WindowSequence($0.rule, calendar: $0.calendar) }
        var open = periods
        var alike: Instant?
        reading: while let readings = try feed.next() {
            madeProgress()
            if let last = readings.last { try before.load(through: last.time, writer) }
            for reading in readings {
                run.take(reading)
                guard reading.isUsable, reading.time > times.end else { continue }
                guard run.settled == reading.time else {
                    (alike, open) = (nil, periods)
                    continue
                }
                if before.areSettled(at: reading.time) {
                    if let alike { open.removeAll { $0.edge(after: alike) <= reading.time } }
                    if open.isEmpty {
                        agreed = reading.time
                        break reading
                    }
                    alike = reading.time
                } else {
                    (alike, open) = (nil, periods)
                }
            }
        }
        let end = agreed ?? clock + 1
        let stretch = Window(start: start + 1, end: end + 1)
        try before.load(through: end, writer)
        let old = before.entries.filter { stretch.contains($0.time) }
        try writer.replaceLedger(point, in: stretch, with: run.entries)
        let (known, kept) = (Set(old), Set(run.entries.map(\.time)))
        for entry in run.entries where !known.contains(entry) {
            session.journal(.ledger(entry, point: plan.points[Int(point)].name, at: session.time))
        }
        for entry in old where !kept.contains(entry.time) {
            session.journal(.ledgerWithdrawn(entry, point: plan.points[Int(point)].name, at: session.time))
        }
        let point = plan.points[Int(point)]
        return Window(start: start - point.longestStretch, end: end + point.longestDelay)
    }
}

/// What the counter rules had decided of a point, in order of time, loaded as far as it is asked for: a late reading reaches to
/// where both agree, and not through all that was decided since.
private struct EarlierDecisions {
    private(set) var entries: [LedgerEntry] = []
    private let point: PointIndex
    /// The instant through which they are loaded.
    private var loaded: Instant
    /// How many of them lie at or before the instant that was asked for last.
    private var passed = 0
    /// The last suspect of those that decided several readings at once.
    private var openUntil = Instant.distantPast

    /// Those after an instant.
    init(of point: PointIndex, after start: Instant) {
        (self.point, loaded) = (point, start)
    }

    /// Loads those up to an instant and at it.
    mutating func load(through end: Instant, _ writer: StoreWriter) throws {
        guard end > loaded else { return }
        entries += try writer.ledger(point, in: Window(start: loaded + 1, end: end + 1))
        loaded = end
    }

    /// Whether nothing was decided at the instant, and none of the decisions reaches over it. The instants must rise.
    mutating func areSettled(at instant: Instant) -> Bool {
        while passed < entries.count, entries[passed].time <= instant {
            let entry = entries[passed]
            if entry.time != entry.lastSuspect { openUntil = max(openUntil, entry.lastSuspect) }
            passed += 1
        }
        return instant > openUntil && (passed == 0 || entries[passed - 1].time != instant)
    }
}
