import Conformity
import Indicators
import Metering
import Storage

extension Recorder {
    /// Computes the closed windows of an indicator that overlap a stretch once more from the stored readings, and
    /// stores what differs as revisions, with everything that depends on them (Rules 7).
    func revise(_ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession) throws {
        guard let closedEnd = closedEnds[indicator], let recordStart else { return }
        let stretch = plan.indicators[indicator].reach(of: stretch)
        let sequence = WindowSequence(plan.indicators[indicator].rule, calendar: plan.calendar)
        let first = sequence.first(endingAfter: max(stretch.start, recordStart))
        guard first.end <= closedEnd, first.start < stretch.end else { return }
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: first, sum: try sum(of: indicator, before: first, session.writer))
        let needed = run.firstNeeded(indicator) ?? first.start
        try supply(run, indicator, from: needed, until: closedEnd, session.writer)
        var changed: [IndicatorValue] = []
        func absorb() throws {
            let output = run.takeOutput()
            for (indicator, fit) in output.fits { try note(fit, of: indicator, session) }
            for value in output.closed where value.window.start < stretch.end && value.window.end <= closedEnd {
                if let value = try self.revise(value, reason: reason, session) { changed.append(value) }
            }
        }
        var feed = try self.feed(for: indicator, from: needed, session.writer)
        // Rolling windows of the calendar may begin earlier than the one before.
        let enough = stretch.end + sequence.disorder
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
        if let stored, stored.saysTheSame(as: value) { return nil }
        var value = value
        if stored != nil { value.flags.insert(.revised) }
        value.revision = try session.writer.put(value: value, reason: reason)
        if let stored {
            let name = plan.indicators[value.indicator].name
            session.journal(.revision(of: name, from: stored, to: value, reason: reason, at: session.time))
            session.summary.revisions += 1
        } else {
            session.summary.windows += 1
        }
        return value
    }

    /// Carries revised values on: to indicators computed from them, and to the verdicts.
    func follow(_ changed: [IndicatorValue], of indicator: Int, _ session: RecordingSession) throws {
        guard let earliest = changed.map(\.window.start).min(), let latest = changed.map(\.window.end).max() else {
            return
        }
        for value in changed { engine.supply(value) }
        let stretch = Window(start: earliest, end: latest)
        for user in users[indicator] {
            try reviseOrQueue(user, over: stretch, reason: "source-revised", session)
        }
        for desk in desks {
            let objective = desk.definition
            guard objective.indicator == indicator || objective.guardIndicator == indicator else { continue }
            var from = changed[0].window
            if case .reduction(_, let baseline) = objective.requirement, earliest < baseline.end {
                desk.baseline = nil
                from = Window(start: .distantPast, end: .distantPast)
            }
            try judgeAgain(at: desk, from: from, through: latest, session)
        }
    }

    /// The value of an indicator over any stretch as one window, by the stored readings.
    func evaluate(_ indicator: Int, over stretch: Window, _ reader: StoreReader) throws -> IndicatorValue? {
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: stretch, once: true)
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
                try reader.values(source, in: before) { if $0.window.start < start { engine.supply($0) } }
            }
            try reader.values(source, in: Window(start: start, end: end)) { engine.supply($0) }
        }
    }

    /// What a running sum had come to before a window; nil for any other indicator.
    func sum(of indicator: Int, before first: Window, _ reader: StoreReader) throws -> Double? {
        guard plan.indicators[indicator].model?.isRunning == true else { return nil }
        return try reader.lastNumber(indicator, endingBy: first.end - 1)
    }

    private func feed(for indicator: Int, from start: Instant, _ reader: StoreReader) throws -> StoredFeed {
        StoredFeed(
            reader, from: try feedStarts(for: indicator, from: start, reader), until: engine.clock + 1)
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

    // MARK: Verdicts

    /// Judges an objective's windows again from one on, until nothing can differ any more, and puts its
    /// nonconformities right.
    private func judgeAgain(
        at desk: ObjectiveDesk, from first: Window, through latest: Instant, _ session: RecordingSession
    ) throws {
        let writer = session.writer
        let queue = desk.waiting
        let waiting = Set(queue.map(\.window))
        let last = try desk.rewind(to: first, writer)
        var reconciler = EpisodeReconciler(ongoing: desk.judge.ongoing)
        let stretch = Window(
            start: last?.window.end ?? .distantPast, end: closedEnds[desk.definition.indicator] ?? .distantPast)
        var isCaughtUp = false
        do {
            try writer.values(desk.definition.indicator, overlapping: stretch) { value in
                guard value.window.end > stretch.start, !waiting.contains(value.window),
                    let context = try context(of: value, at: desk, writer)
                else { return }
                let stored = try writer.verdict(desk.index, value.window)
                let (judged, events) = desk.judge.judge(value, context)
                reconciler.rejudged(value.window, events)
                if let judged, judged == stored {
                    isCaughtUp = value.window.end > latest
                    if isCaughtUp { throw CaughtUp() }
                } else if let judged {
                    try writer.put(verdict: judged)
                    if let stored {
                        let name = desk.definition.name
                        session.journal(.revision(of: name, from: stored, to: judged, at: session.time))
                    }
                } else if stored != nil {
                    try writer.removeVerdict(desk.index, value.window)
                }
            }
        } catch is CaughtUp {}
        let stored = try writer.nonconformities(objective: desk.definition.name, lastingBeyond: stretch.start)
        for step in reconciler.steps(against: stored, isCaughtUp: isCaughtUp, at: session.time) {
            switch step {
            case .raise(let episode, _): try raise(episode, session)
            case .update(let new, let old): try update(old, to: Episode(new, objective: desk.index), session)
            case .putRight(let nonconformity):
                try writer.put(nonconformity)
                session.journal(.cleared(nonconformity, at: session.time))
                try followData(of: nonconformity, session)
                // One that was over already has been said to be cleared.
                if stored.contains(where: { $0.id == nonconformity.id && $0.condition == .ongoing }) {
                    try session.alert(.putRight(nonconformity, desk: desk))
                }
            }
        }
        try linkAgain(desk, from: stretch.start, session)
        if isCaughtUp { try desk.restore(from: writer, closedEnd: stretch.end) } else { desk.waiting = queue }
        // What was seen and not judged is among what waits; now its guard may say otherwise.
        try judgeWaiting(at: desk, session)
        try conclude(session)
    }
}

extension Recorder {
    /// Sets anew which nonconformity repeats which, after a revision brought some to light or put some right.
    private func linkAgain(_ desk: ObjectiveDesk, from start: Instant, _ session: RecordingSession) throws {
        let objective = desk.definition
        let stored = try session.writer.nonconformities(objective: objective.name, lastingBeyond: start)
        for old in stored where !old.isPutRight {
            let last = try session.writer.predecessor(objective: objective.name, before: old.onset)
            let recurs = last?.clearedAt.map { old.onset - $0 <= objective.recurrence } ?? false
            var new = old
            new.recurrenceOf = recurs ? last?.id : nil
            guard new != old else { continue }
            try session.writer.put(new)
            session.journal(.revised(new, from: old, at: session.time))
        }
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

/// Judging again found what is on record: everything after it is as it was.
private struct CaughtUp: Error {}

extension Episode {
    /// The episode of a nonconformity.
    fileprivate init(_ nonconformity: Nonconformity, objective: Int) {
        self.init(
            objective: objective, onset: nonconformity.onset, raisedAt: nonconformity.raisedAt,
            clearedAt: nonconformity.clearedAt, peak: nonconformity.peak, limit: nonconformity.limit)
    }
}
