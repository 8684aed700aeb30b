import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

/// Opening the engine: every indicator begins at the window after the one closed last, and goes over what its open windows
/// need. Beside polling that is done in pieces, and indicators with a past to compute join the others when it is done.
extension Recorder {
    /// Opens the engine in one go; beside polling all indicators but those with a past to compute.
    ///
    /// `clock` is how far the engine before had come: by default, what the last commit says.
    func openEngine(_ session: RecordingSession, clock: Instant? = nil) throws {
        newcomers = nil
        if case .opening = state { state = .stale }
        let clock = try clock ?? session.writer.clock()
        if let preparation = try beginEngine(session, clock: clock) {
            _ = try preparation.goOn(until: nil, self, session)
            take(preparation)
        }
        _ = try goOnOpening(until: nil, session)
    }

    /// Begins to put every indicator at the window after the one closed last; nil before the first reading.
    func beginEngine(_ session: RecordingSession, clock: Instant?) throws -> EnginePreparation? {
        guard let recordStart else { return nil }
        let closed = try session.writer.lastClosed()
        let firsts = plan.indicators.indices.map { index in
            WindowSequence(plan.indicators[index].rule, calendar: plan.calendar)
                .first(endingAfter: closed[index]?.end ?? recordStart)
        }
        let late = clock.map { behind(at: $0, firsts, closed) } ?? []
        let all = Set(plan.indicators.indices).subtracting(plan.countedIndicators)
        let present = isLive ? all.subtracting(late) : all
        let begun = Set(plan.indicators.indices.filter { isBegun($0, closed) })
        func part(_ engine: IndicatorEngine, _ indicators: Set<Int>) -> EnginePreparation.Part {
            EnginePreparation.Part(engine, plan.indicatorsInOrder.filter(indicators.contains))
        }
        var parts = [part(engine, present)]
        if present != all { parts.append(part(IndicatorEngine(plan: plan), all)) }
        return EnginePreparation(parts, firsts: firsts, closed: closed, begun: begun, late: late, clock: clock)
    }

    /// Lets the engine that was prepared go over the readings that it needs.
    func take(_ preparation: EnginePreparation) {
        if let opening = preparation.opening(0) { state = .opening(opening) }
        guard preparation.parts.count > 1 else { return }
        newcomers = preparation.opening(1).map { Newcomers(opening: $0, indicators: preparation.late) }
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

    /// Whether readings can be looked at as they come in.
    package var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Goes on opening the engine for about so many milliseconds; what is held waits until it is open.
    package func openOn(for milliseconds: Int64, now: Instant?) throws {
        guard !isOpen else { return }
        let moment = MonotonicMoment.now + .milliseconds(milliseconds)
        let isDone = try transact(now: now, opens: false) { try openOn(until: moment, $0) }
        guard isDone else { return }
        state = newcomers?.isOutdated == true ? .stale : .open
        hold([])
    }

    /// The same within a transaction, until a moment; whether it is open then.
    func openOn(until moment: MonotonicMoment?, _ session: RecordingSession) throws -> Bool {
        switch state {
        case .opening: break
        case .estranged, .stale, .open, .preparing:
            let preparation: Preparation
            if case .preparing(let begun) = state {
                preparation = begun
            } else {
                preparation = try beginPreparing(session)
            }
            guard try goOnPreparing(preparation, until: moment, session) else {
                state = .preparing(preparation)
                return false
            }
            for (indicator, stretches) in preparation.revised?.stretches ?? [:] {
                for stretch in stretches {
                    try computeAgain(indicator, over: stretch, reason: "definition-changed", session)
                }
            }
            // The store remembers what is to be done: the rest has a transaction of its own.
            if case .opening = state, let moment, MonotonicMoment.now >= moment { return false }
        }
        guard try goOnOpening(until: moment, session) else { return false }
        try resume(session)
        return true
    }

    /// Goes over the readings that the open windows need, until a moment; whether all is done.
    func goOnOpening(until moment: MonotonicMoment?, _ session: RecordingSession) throws -> Bool {
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
    func goOnWithNewcomers(until moment: MonotonicMoment?, _ session: RecordingSession) throws {
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
        let newest = try session.writer.newestTimes()
        let waiting = plan.measuredPoints.filter { newest[Int($0)].map { $0 > clock } ?? false }
        guard let last = waiting.compactMap({ newest[Int($0)] }).max() else { return }
        let ahead = Dictionary(uniqueKeysWithValues: waiting.map { ($0, clock + 1) })
        var rest = StoredFeed(session.writer, from: ahead, until: min(last, horizon ?? .distantFuture) + 1)
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
