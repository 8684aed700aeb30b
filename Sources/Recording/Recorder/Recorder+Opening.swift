import Indicators
import Metering
import Storage

/// Opening the engine: every indicator begins at the window after the one closed last, and goes over what its open windows
/// need. Beside polling that is done in pieces, and indicators with a past to compute join the others when it is done.
extension Recorder {
    /// Opens the engine in one go; beside polling all indicators but those with a past to compute.
    ///
    /// `clock` is how far the engine before had come: by default, what the last commit says.
    func openEngine(_ session: RecordingSession, clock: Instant? = nil) throws {
        try prepareEngine(session, clock: clock)
        _ = try goOnOpening(until: nil, session)
    }

    /// Begins every indicator at the window after the one closed last; their readings are still to be gone over.
    func prepareEngine(_ session: RecordingSession, clock: Instant? = nil) throws {
        newcomers = nil
        if case .opening = state { state = .stale }
        guard let recordStart else { return }
        let closed = try session.writer.lastClosed()
        let firsts = plan.indicators.indices.map { index in
            WindowSequence(plan.indicators[index].rule, calendar: plan.calendar)
                .first(endingAfter: closed[index]?.end ?? recordStart)
        }
        let clock = try clock ?? session.writer.clock()
        let late = clock.map { behind(at: $0, firsts, closed) } ?? []
        let all = Set(plan.indicators.indices).subtracting(plan.countedIndicators)
        let present = isLive ? all.subtracting(late) : all
        if let opening = try open(present, firsts, closed, late, clock, engine, session.writer) {
            state = .opening(opening)
        }
        guard present != all else { return }
        let beside = IndicatorEngine(plan: plan)
        newcomers = try open(all, firsts, closed, late, clock, beside, session.writer)
            .map { Newcomers(opening: $0, indicators: late) }
    }

    /// Indicators with windows that should have closed long before an instant, and all that are computed from them.
    private func behind(at clock: Instant, _ firsts: [Window], _ closed: [Window?]) -> Set<Int> {
        var late: Set<Int> = []
        for index in plan.indicatorsInOrder {
            let definition = plan.indicators[index]
            let gap = plan.pointsUsed(by: index).map { plan.points[Int($0)].maxGap }.max() ?? 0
            // What is begun closes by its grace at the latest.
            let slack = (definition.grace ?? 2 * gap) + (isBegun(index, closed) ? firsts[index].length : 0)
            let hasLateSource = definition.indicators.contains(where: late.contains)
            if hasLateSource || clock - firsts[index].end > slack { late.insert(index) }
        }
        return late
    }

    /// Whether the present definition has closed a window of an indicator: what another closed is not this one's.
    private func isBegun(_ indicator: Int, _ closed: [Window?]) -> Bool {
        closed[indicator] != nil && closed[indicator]?.end != openedAfter[indicator]
    }

    private func open(
        _ indicators: Set<Int>, _ firsts: [Window], _ closed: [Window?], _ late: Set<Int>, _ clock: Instant?,
        _ engine: IndicatorEngine, _ reader: StoreReader
    ) throws -> EngineOpening? {
        var starts: [PointIndex: Instant] = [:]
        var caughtUp: Set<Int> = []
        for index in plan.indicatorsInOrder where indicators.contains(index) {
            let isBegun = isBegun(index, closed)
            if isBegun, !late.contains(index) { caughtUp.insert(index) }
            let first = firsts[index]
            engine.pastEnds = pastEnds
            engine.open(
                index, at: first, closedEnd: closed[index]?.end,
                sum: isBegun || openedAfter[index] == nil ? try sum(of: index, before: first, reader) : nil)
            let needed = engine.firstNeeded(index) ?? first.start
            try supply(engine, index, from: needed, until: .distantFuture, reader)
            for point in plan.measuredPoints(behind: plan.indicators[index].points) {
                starts[point] = min(starts[point] ?? .distantFuture, needed)
            }
        }
        guard let clock else { return nil }
        for (point, from) in starts.sorted(by: { $0.key < $1.key }) {
            // Between windows of 24 h each day there is an hour where the clock goes back: the next begins after the present.
            starts[point] = try StoredFeed.start(of: point, before: min(from, clock + 1), plan: plan, reader)
        }
        // The rules of a counter that no indicator uses go on all the same, and every reading moves the clock.
        for point in plan.measuredPoints where starts[point] == nil {
            let isCounter = plan.points[Int(point)].kind == .counter
            starts[point] =
                isCounter ? try StoredFeed.start(of: point, before: clock + 1, plan: plan, reader) : clock + 1
        }
        return EngineOpening(engine, caughtUp: caughtUp, from: starts, clock: clock)
    }

    /// Whether readings can be looked at as they come in.
    package var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Goes on opening the engine for about so many milliseconds; what is held waits until it is open.
    package func openOn(for milliseconds: Int64, now: Instant?) throws {
        guard !isOpen else { return }
        let moment = ContinuousClock.now + .milliseconds(milliseconds)
        let isDone = try transact(now: now, opens: false) { try openOn(until: moment, $0) }
        guard isDone else { return }
        state = newcomers?.isOutdated == true ? .stale : .open
        hold([])
    }

    /// The same within a transaction, until a moment; whether it is open then.
    func openOn(until moment: ContinuousClock.Instant?, _ session: RecordingSession) throws -> Bool {
        switch state {
        case .opening: break
        case .estranged, .stale, .open:
            for (indicator, stretches) in try prepare(session) {
                for stretch in stretches {
                    try computeAgain(indicator, over: stretch, reason: "definition-changed", session)
                }
            }
        }
        guard try goOnOpening(until: moment, session) else { return false }
        try resume(session)
        return true
    }

    /// Goes over the readings that the open windows need, until a moment; whether all is done.
    func goOnOpening(until moment: ContinuousClock.Instant?, _ session: RecordingSession) throws -> Bool {
        guard case .opening(let opening) = state else { return true }
        let isDone = try opening.goOn(through: opening.clock, until: moment, slice: slice, session.writer) { output in
            madeProgress()
            try take(output, from: opening, session)
        }
        guard isDone else { return false }
        state = .open
        // What counts them may have closed long ago.
        for value in try closeCounted(session) { try judge(value, session) }
        try takeWaiting(after: opening.clock, session)
        return true
    }

    /// Goes on with the past of newcomers until a moment; come to the present, they are at work like the others.
    func goOnWithNewcomers(until moment: ContinuousClock.Instant?, _ session: RecordingSession) throws {
        guard let newcomers else { return }
        let clock = engine.clock
        let isDone = try newcomers.opening.goOn(through: clock, until: moment, slice: slice, session.writer) { output in
            madeProgress()
            var output = output
            // The others are looked after by the engine at work.
            output.closed.removeAll { !newcomers.indicators.contains($0.indicator) }
            output.fits.removeAll { !newcomers.indicators.contains($0.indicator) }
            output.reopened.removeAll { !newcomers.indicators.contains($0.indicator) }
            try take(output, from: newcomers.opening, session)
        }
        guard isDone, let present = self.newcomers, present.opening === newcomers.opening, !present.isOutdated else {
            return
        }
        engine = newcomers.opening.engine
        self.newcomers = nil
        try takeWaiting(after: clock, session)
    }

    /// What is stored beyond an instant was not looked at yet: most often the instant that waits for a later one.
    private func takeWaiting(after clock: Instant, _ session: RecordingSession) throws {
        let newest = min(
            try session.writer.newestTimes().compactMap { $0 }.max() ?? clock, horizon ?? .distantFuture)
        let ahead = Dictionary(uniqueKeysWithValues: plan.measuredPoints.map { ($0, clock + 1) })
        var rest = StoredFeed(session.writer, from: ahead, until: newest + 1)
        while let readings = try rest.next() { try feed(readings, session) }
    }

    /// What was decided up to the last commit is stored; only an indicator that is new finds something here.
    private func take(_ output: EngineOutput, from opening: EngineOpening, _ session: RecordingSession) throws {
        for (indicator, fit) in output.fits { try note(fit, of: indicator, session) }
        let late = try store(output.closed, session)
        for value in output.closed + (try closeCounted(session)) { try judge(value, session) }
        for (user, stretch) in late { session.pending.revise(user, over: stretch, reason: "late-source") }
        for (indicator, stretch) in output.reopened where !opening.caughtUp.contains(indicator) {
            session.pending.revise(indicator, over: stretch, reason: "late-advance")
        }
        try settle(session)
    }
}
