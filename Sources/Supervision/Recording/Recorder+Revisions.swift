import Conformity
import Indicators
import Metering
import Storage

extension Recorder {
    /// Computes the closed windows of an indicator that overlap a stretch once more from the stored readings, and stores what differs
    /// as revisions, with everything that depends on them (Rules 7).
    func revise(_ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession) throws {
        guard let closedEnd = closedEnds[indicator], let recordStart else { return }
        let sequence = WindowSequence(plan.indicators[indicator].rule, calendar: plan.calendar)
        let first = sequence.first(endingAfter: max(stretch.start, recordStart))
        guard first.end <= closedEnd, first.start < stretch.end else { return }
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: first)
        let needed = run.firstNeeded(indicator) ?? first.start
        for source in plan.indicators[indicator].indicators {
            try session.writer.values(source, in: Window(start: needed, end: closedEnd)) { run.supply($0) }
        }
        var changed: [IndicatorValue] = []
        func absorb() throws {
            for value in run.takeOutput().closed where value.window.start < stretch.end && value.window.end <= closedEnd {
                if let value = try self.revise(value, reason: reason, session) { changed.append(value) }
            }
        }
        var feed = try self.feed(for: indicator, from: needed, session.writer)
        // Rolling windows may begin earlier than the one before where the clock is set back, by its change.
        let enough = stretch.end + 3 * 3_600_000
        reading: while let readings = try feed.next() {
            var index = 0
            while index < readings.count {
                index = run.take(readings, from: index)
                try absorb()
                if let next = run.nextWindow(indicator), next.start >= enough || next.end > closedEnd { break reading }
            }
        }
        run.close(indicator, through: closedEnd)
        try absorb()
        try follow(changed, of: indicator, session)
    }

    /// Stores a value that differs from the final one; nil where it says the same.
    private func revise(_ value: IndicatorValue, reason: String, _ session: RecordingSession) throws -> IndicatorValue? {
        let stored = try session.writer.value(value.indicator, value.window)
        if let stored, stored.saysTheSame(as: value) { return nil }
        var value = value
        if stored != nil { value.flags.insert(.revised) }
        value.revision = try session.writer.put(value: value, reason: reason)
        if let stored {
            session.journal(.revised(stored, to: value, of: plan.indicators[value.indicator], reason: reason))
            session.summary.revisions += 1
        } else {
            session.summary.windows += 1
        }
        return value
    }

    /// Carries revised values on: to indicators computed from them, and to the verdicts.
    private func follow(_ changed: [IndicatorValue], of indicator: Int, _ session: RecordingSession) throws {
        guard let earliest = changed.map(\.window.start).min(), let latest = changed.map(\.window.end).max() else { return }
        for value in changed { engine.supply(value) }
        let stretch = Window(start: earliest, end: latest)
        for user in plan.indicators.indices where plan.indicators[user].indicators.contains(indicator) {
            try revise(user, over: stretch, reason: "source-revised", session)
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
        for source in plan.indicators[indicator].indicators { try reader.values(source, in: stretch) { run.supply($0) } }
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

    private func feed(for indicator: Int, from start: Instant, _ reader: StoreReader) throws -> StoredFeed {
        var starts: [PointIndex: Instant] = [:]
        // Windows of an indicator over others wait for the points of those; what closes them here are its own.
        for point in plan.measuredPoints(behind: plan.pointsUsed(by: indicator)) {
            starts[point] = try StoredFeed.start(of: point, before: start, plan: plan, reader)
        }
        return StoredFeed(reader, from: starts, until: engine.clock + 1)
    }

    // MARK: Verdicts

    /// Judges an objective's windows again from one on, until nothing can differ any more, and puts its nonconformities right.
    private func judgeAgain(
        at desk: ObjectiveDesk, from first: Window, through latest: Instant, _ session: RecordingSession
    ) throws {
        let writer = session.writer
        let waiting = desk.waiting
        let last = try desk.rewind(to: first, writer)
        var episodes: [Instant: Episode] = [:]
        if let ongoing = desk.judge.ongoing { episodes[ongoing.onset] = ongoing }
        let begin = desk.judge.ongoing?.onset ?? last?.window.end ?? .distantPast
        let closedEnd = closedEnds[desk.definition.indicator] ?? .distantPast
        let since = last?.window.end ?? .distantPast
        var values: [IndicatorValue] = []
        try writer.values(desk.definition.indicator, overlapping: Window(start: since, end: closedEnd)) { values.append($0) }
        var convergedAt: Instant?
        for value in values where !waiting.contains(where: { $0.window == value.window }) {
            guard let context = try context(of: value, at: desk, writer) else { break }
            let stored = try writer.verdict(desk.index, value.window)
            let (judged, events) = desk.judge.judge(value, context)
            for event in events { episodes[event.episode.onset] = event.episode }
            if let judged {
                if judged != stored { try writer.put(verdict: judged) }
                if value.window.end > latest, judged.memory == stored?.memory, judged == stored {
                    convergedAt = value.window.end
                    break
                }
            } else if stored != nil {
                try writer.removeVerdict(desk.index, value.window)
            }
        }
        if convergedAt != nil, let ongoing = desk.judge.ongoing { episodes[ongoing.onset] = nil }
        try reconcile(
            desk, episodes, from: begin, keeping: convergedAt == nil ? nil : desk.judge.ongoing?.onset,
            until: convergedAt ?? .distantFuture, session)
        if convergedAt != nil { try desk.rewind(to: nil, writer) }
        desk.waiting = waiting
    }

    /// Makes the stored nonconformities of an objective what its episodes are: a revision that brings one to light raises it now, one
    /// that puts it right clears it with a remark.
    private func reconcile(
        _ desk: ObjectiveDesk, _ episodes: [Instant: Episode], from begin: Instant, keeping kept: Instant?,
        until end: Instant, _ session: RecordingSession
    ) throws {
        let stored = try session.writer.nonconformities(objective: desk.definition.name, lastingBeyond: begin)
        for var nonconformity in stored where nonconformity.onset < end && nonconformity.onset != kept {
            if let episode = episodes[nonconformity.onset] {
                try update(nonconformity.id, to: episode, session)
            } else if nonconformity.onset >= begin, nonconformity.remark == nil {
                let before = nonconformity
                nonconformity.condition = .cleared
                nonconformity.remark = "revised"
                nonconformity.clearedAt = nonconformity.clearedAt ?? session.time
                try session.writer.put(nonconformity)
                session.journal(.changed(before, to: nonconformity))
                try session.alert(.cleared(nonconformity, desk: desk, calendar: plan.calendar))
            }
        }
        let known = Set(stored.map(\.onset))
        for episode in episodes.values.sorted(by: Episode.isNumberedBefore) where !known.contains(episode.onset) {
            try raise(episode, session)
        }
    }
}
