import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Computes the closed windows of an indicator that overlap a stretch once more from the stored readings, and
    /// stores what differs as revisions; what depends on them is to be done then (Rules 7).
    func recompute(_ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession) throws {
        if plan.indicators[indicator].counted != nil {
            return try recomputeCounted(indicator, over: stretch, reason: reason, session)
        }
        guard let closedEnd = closedEnds[indicator], let recordStart else { return }
        doubtWholeBaselines(of: indicator, over: stretch, session)
        let stretch = plan.indicators[indicator].reach(of: stretch)
        let sequence = WindowSequence(plan.indicators[indicator].rule, calendar: plan.calendar)
        let first = sequence.first(endingAfter: max(stretch.start, recordStart, openedAfter[indicator] ?? .distantPast))
        guard first.end <= closedEnd, first.start < stretch.end else { return }
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: first, sum: try sum(of: indicator, before: first, session.writer))
        let needed = run.firstNeeded(indicator) ?? first.start
        // Rolling windows of the calendar may begin earlier than the one before.
        let enough = stretch.end + sequence.disorder
        // Windows of the calendar may be longer than the first, but not by twice.
        let last = min(closedEnd, enough + 2 * first.length + 86_400_000)
        try supply(run, indicator, from: needed, until: last, session.writer)
        var changed: [IndicatorValue] = []
        func absorb() throws {
            let output = run.takeOutput()
            for (indicator, fit) in output.fits { try note(fit, of: indicator, session) }
            for value in output.closed where value.window.start < stretch.end && value.window.end <= closedEnd {
                if let value = try self.revise(value, reason: reason, session) { changed.append(value) }
            }
        }
        var feed = try self.feed(for: indicator, from: needed, session.writer)
        reading: while let readings = try feed.next() {
            madeProgress()
            var index = 0
            while index < readings.count {
                index = run.take(readings, from: index)
                try absorb()
                if let next = run.nextWindow(indicator), next.start >= enough || next.end > closedEnd { break reading }
            }
        }
        run.close(indicator, through: closedEnd, startingBefore: enough)
        try absorb()
        try follow(changed, of: indicator, session)
    }

    /// Stores a value that differs from the final one; nil where it says the same.
    func revise(_ value: IndicatorValue, reason: String, _ session: RecordingSession) throws -> IndicatorValue? {
        let stored = try session.writer.value(value.indicator, value.window)
        if let stored, stored.saysTheSame(as: value) {
            try takeOver(value, isRestated: reason == "definition-changed", session)
            return nil
        }
        var value = value
        if stored != nil { value.flags.insert(.revised) }
        value.revision = try session.writer.put(value: value, reason: reason)
        if let stored {
            // The journal has the names that are in force when it is written, also of what an earlier definition made.
            let number = session.writer.number(ofIndicator: value.indicator)
            let name = try session.writer.name(ofIndicator: number) ?? plan.indicators[value.indicator].name
            session.journal(.revision(of: name, from: stored, to: value, reason: reason, at: session.time))
            session.summary.revisions += 1
        } else {
            session.summary.windows += 1
        }
        return value
    }

    /// Has a value that a date restated and that says the same be of the version that restated it, and judged by that
    /// (Rules 13).
    private func takeOver(_ value: IndicatorValue, isRestated: Bool, _ session: RecordingSession) throws {
        let number = session.writer.number(ofIndicator: value.indicator)
        let ended = indicatorEnds[number]?.map(\.version).max()
        guard let last = isRestated ? version.map({ $0 - 1 }) : ended,
            try session.writer.takeOver(value.indicator, value.window, from: last)
        else { return }
        for objective in objectives where objective.isAtWork && objective.definition.indicator == value.indicator {
            guard value.window.end > objective.since, value.window.end <= objective.until else { continue }
            session.pending.doubt(objective.index, value.window, isValue: false)
        }
    }

    /// Carries revised values on: to the engine at work, to indicators computed from them, and to the verdicts.
    func follow(_ changed: [IndicatorValue], of indicator: Int, _ session: RecordingSession) throws {
        guard !changed.isEmpty else { return }
        for value in changed {
            engine.supply(value)
            newcomers?.opening.engine.supply(value)
            for user in users[indicator] {
                session.pending.revise(user, over: value.window, reason: "source-revised")
            }
        }
        self.changed[indicator, default: []] += changed.map(\.window)
        if let closedEnd = closedEnds[indicator], plan.indicators[indicator].model?.isRunning == true {
            // Windows that close from now on go on from the sum as it is after the revision.
            let sum = try session.writer.lastNumber(indicator, endingBy: closedEnd)
            engine.continueSum(of: indicator, from: sum)
            // The other engine has not come to where this sum stands.
            newcomers?.isOutdated = true
        }
        try tellPast(changed.map(\.window), of: indicator, session)
        for objective in objectives where objective.isAtWork {
            if objective.definition.indicator == indicator { objective.reviseWaiting(changed) }
            doubt(objective, changed.map(\.window), of: indicator, session)
        }
    }

    /// Doubts what an objective said of windows of an indicator that are others now, and what it made of them.
    func doubt(_ objective: ObjectiveAtWork, _ windows: [Window], of indicator: Int, _ session: RecordingSession) {
        let isValue = objective.definition.indicator == indicator
        doubtModel(of: objective, windows, of: indicator, session)
        guard isValue || objective.definition.companions.contains(indicator) else { return }
        for window in windows where window.end > objective.since && window.end <= objective.until {
            session.pending.doubt(objective.index, window, isValue: isValue)
        }
        guard isValue else { return }
        if windows.contains(where: { $0.end <= objective.since }) {
            // A demand begins with what was added up in its period before.
            session.pending.doubt(objective.index, VerdictDoubt(from: objective.since + 1, through: objective.since))
        }
        if case .mean(let stretch) = objective.definition.requirement.demand.baseline,
            windows.contains(where: { stretch.contains($0) })
        {
            doubtBaseline(of: objective, endingAt: stretch.end, session)
        }
    }

    /// A baseline that is computed from the readings themselves may be another where no window's value is.
    func doubtWholeBaselines(of indicator: Int, over stretch: Window, _ session: RecordingSession) {
        for objective in objectives where objective.isAtWork && objective.definition.indicator == indicator {
            guard case .whole(let baseline) = objective.definition.requirement.demand.baseline,
                baseline.overlaps(stretch)
            else { continue }
            doubtBaseline(of: objective, endingAt: baseline.end, session)
        }
    }

    /// Every window from the baseline's end on has the target made of it; those before say nothing of it.
    private func doubtBaseline(of objective: ObjectiveAtWork, endingAt end: Instant, _ session: RecordingSession) {
        objective.baseline = nil
        session.pending.doubt(objective.index, VerdictDoubt(from: end + 1, through: end, start: end))
    }

    /// The value of an indicator over any stretch as one window, or over some days of it, by the stored readings.
    func evaluate(
        _ indicator: Int, over stretch: Window, days: [Window]? = nil, _ reader: StoreReader
    ) throws -> IndicatorValue? {
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: stretch, once: true, days: days)
        try supply(run, indicator, from: stretch.start, until: stretch.end, reader)
        var feed = try self.feed(for: indicator, from: stretch.start, reader)
        var closed: [IndicatorValue] = []
        while closed.isEmpty, let readings = try feed.next() {
            var index = 0
            while index < readings.count, closed.isEmpty {
                index = run.take(readings, from: index)
                closed = run.takeOutput().closed
            }
        }
        if closed.isEmpty {
            run.close(indicator, through: stretch.end)
            closed = run.takeOutput().closed
        }
        return closed.first
    }

    /// Hands an engine the stored values that an indicator is computed from: over a stretch, and of its baseline period.
    func supply(
        _ engine: IndicatorEngine, _ indicator: Int, from start: Instant, until end: Instant, _ reader: StoreReader
    ) throws {
        let definition = plan.indicators[indicator]
        for source in definition.indicators {
            if let model = definition.model {
                let before = Window(start: model.baseline.start, end: min(model.baseline.end, end))
                try supply(engine, source, in: before, reader) { $0.start < start }
            }
            try supply(engine, source, in: Window(start: start, end: end), reader)
        }
    }

    /// Hands an engine the final values of an indicator within a stretch.
    func supply(
        _ engine: IndicatorEngine, _ source: Int, in stretch: Window, _ reader: StoreReader,
        where isWanted: (Window) -> Bool = { _ in true }
    ) throws {
        try reader.versionedValues(source, in: stretch) { value, made in
            guard isWanted(value.window) else { return }
            switch try kinship(of: value.window, source, version: made, reader) {
            case .alike: engine.supply(value)
            case .foreign: engine.supply(foreign: value.window, of: source)
            case .later: break
            }
        }
    }

    /// What a running sum had come to before a window; nil for any other indicator.
    func sum(of indicator: Int, before first: Window, _ reader: StoreReader) throws -> Double? {
        guard plan.indicators[indicator].model?.isRunning == true else { return nil }
        return try reader.lastNumber(indicator, endingBy: first.end - 1)
    }

    /// Up to when readings are known.
    var knownThrough: Instant {
        if let pastClock { return pastClock }
        if case .opening(let opening) = state { return opening.clock }
        return engine.clock
    }

    private func feed(for indicator: Int, from start: Instant, _ reader: StoreReader) throws -> StoredFeed {
        StoredFeed(
            reader, from: try feedStarts(for: indicator, from: start, reader), until: knownThrough + 1)
    }

    /// From when on the readings of each point are needed for an indicator's windows from `start` on.
    func feedStarts(for indicator: Int, from start: Instant, _ reader: StoreReader) throws -> [PointIndex: Instant] {
        var starts: [PointIndex: Instant] = [:]
        // What is computed from values alone needs no readings again.
        let used = plan.indicators[indicator].points.isEmpty ? [] : plan.pointsUsed(by: indicator)
        for point in plan.measuredPoints(behind: used) {
            starts[point] = try StoredFeed.start(of: point, before: start, plan: plan, reader)
        }
        return starts
    }
}

extension IndicatorDefinition {
    /// Which of its windows a change of its values over a stretch can reach.
    func reach(of stretch: Window) -> Window {
        guard let model, stretch.end > model.baseline.start else { return stretch }
        var reach = stretch
        // Another baseline is another model for every window after it.
        if stretch.start < model.baseline.end || model.isRunning { reach.end = .distantFuture }
        return reach
    }
}
