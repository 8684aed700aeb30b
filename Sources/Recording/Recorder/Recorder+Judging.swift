import Conformity
import Evidence
import Indicators
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Hands a closed value to every objective that it concerns.
    func judge(_ value: IndicatorValue, _ session: RecordingSession) throws {
        for objective in objectives {
            if objective.definition.indicator == value.indicator {
                guard value.window.end > objective.since else {
                    objective.isToBeginAnew = true
                    continue
                }
                if objective.isToBeginAnew { try beginAnew(objective, session.writer) }
                objective.waiting.append(value)
                try judgeWaiting(at: objective, session)
            } else if objective.definition.companions.contains(value.indicator) {
                try judgeWaiting(at: objective, session)
            }
        }
    }

    /// Lets a demand begin with what its indicator's past has added up, which was computed only after the demand came in.
    private func beginAnew(_ objective: ObjectiveAtWork, _ reader: StoreReader) throws {
        objective.isToBeginAnew = false
        let standing = try standing(of: objective, before: objective.since + 1, reader)
        (objective.judge, objective.lastVerdict) = (standing.judge, standing.lastVerdict)
    }

    /// Judges what waits at a objective, as far as its guard has closed.
    func judgeWaiting(at objective: ObjectiveAtWork, _ session: RecordingSession) throws {
        var done = 0
        defer { objective.waiting.removeFirst(done) }
        while done < objective.waiting.count {
            let value = objective.waiting[done]
            guard let context = try context(of: value, at: objective, session.writer) else { return }
            done += 1
            let (judged, events) = objective.judge.judge(value, context)
            guard let judged else { continue }
            try session.writer.put(verdict: judged)
            session.summary.judged += 1
            for event in events {
                session.findings.append(
                    ObjectiveFinding(objective: objective.index, event: event, judged: judged, value: value))
            }
            if judged.verdict == .warning, objective.lastVerdict == .met || objective.lastVerdict == nil {
                try session.alert(.warning(judged, objective: objective))
            }
            if judged.verdict != .notEvaluable { objective.lastVerdict = judged.verdict }
        }
    }

    /// What a verdict needs besides the value; nil while the guard of its window has not closed.
    func context(
        of value: IndicatorValue, at objective: ObjectiveAtWork, _ reader: StoreReader
    ) throws -> ObjectiveJudge.Context? {
        var context = ObjectiveJudge.Context(recordStart: recordStart ?? value.window.start)
        if let guardIndicator = objective.definition.guardIndicator {
            guard let hours = try valueOnRecord(guardIndicator, value.window, reader) else { return nil }
            context.guardHolds = hours.value == Double(value.window.length) / 3_600_000
        }
        context.model = try model(of: value, at: objective, reader)
        if let indicator = objective.definition.modelIndicator {
            guard let expected = try valueOnRecord(indicator, value.window, reader) else { return nil }
            context.baseline = expected.status == .valid ? expected.value : nil
        } else if let baseline = objective.definition.requirement.demand.baseline, value.window.start >= baseline.end {
            (context.baseline, context.isBaselineForeign) =
                try self.baseline(baseline, of: objective, at: value.window.start, reader)
        }
        return context
    }

    /// What a window that begins at an instant is measured against, and whether it cannot be had because another definition
    /// made some of it, or it is of the unit before a date.
    func baseline(
        _ baseline: Baseline, of objective: ObjectiveAtWork, at start: Instant, _ reader: StoreReader
    ) throws -> (Double?, isForeign: Bool) {
        let unit = objective.indicator.unit(at: start)
        if baseline.end > .distantPast, objective.indicator.unit(at: baseline.end - 1) != unit { return (nil, true) }
        return try self.baseline(baseline, of: objective, reader)
    }

    private func baseline(
        _ baseline: Baseline, of objective: ObjectiveAtWork, _ reader: StoreReader
    ) throws -> (Double?, isForeign: Bool) {
        if let known = objective.baseline { return known }
        let computed: Double?
        var isForeign = false
        switch baseline {
        case .value(let value): computed = value
        case .model: computed = nil
        case .mean(let stretch):
            var sum = CancellingSum()
            var count = 0
            try recordedValues(objective.definition.indicator, in: stretch, reader) { value, version in
                let kinship = try kinship(of: value.window, objective.definition.indicator, version: version, reader)
                if kinship == .later { return }
                guard kinship == .alike,
                    objective.indicator.unit(at: value.window.start) == objective.indicator.unit(at: stretch.end - 1)
                else {
                    isForeign = true
                    return
                }
                guard value.status == .valid, let number = value.value else { return }
                sum.add(number)
                count += 1
            }
            computed = count > 0 ? sum.value / Double(count) : nil
        case .whole(let stretch):
            let whole = try evaluate(objective.definition.indicator, over: stretch, reader)
            computed = whole?.status == .valid ? whole?.value : nil
        }
        objective.baseline = (isForeign ? nil : computed, isForeign)
        return objective.baseline ?? (nil, false)
    }

    /// Numbers, updates and clears nonconformities by what judging found, in the order in which it happened (Rules 10).
    func conclude(_ session: RecordingSession) throws {
        guard !session.findings.isEmpty else { return }
        let findings = session.findings.enumerated().sorted {
            ($0.element.judged.window.end, $0.element.objective, $0.offset)
                < ($1.element.judged.window.end, $1.element.objective, $1.offset)
        }
        session.findings = []
        for (_, finding) in findings {
            switch finding.event {
            // What closed after it in the same go is appended one by one.
            case .raised(let episode): try raise(episode, through: episode.raisedAt, session)
            case .appended(let episode): try extend(episode, by: finding, session)
            case .cleared(let episode): try clear(episode, session)
            }
        }
    }

    /// Raises a nonconformity; one with this identity that a revision had put right stands again under its number.
    ///
    /// Its evidence is all that is judged of the episode, or what was judged by `end`, where the rest is appended after it.
    func raise(_ episode: Episode, through end: Instant? = nil, _ session: RecordingSession) throws {
        let objective = objectives[episode.objective]
        let definition = objective.definition
        let writer = session.writer
        if let known = try writer.nonconformityID(objective: objective.name, onset: episode.onset) {
            if let before = try writer.nonconformity(known) { try update(before, to: episode, session) }
            return
        }
        let year = NonconformityNumber.year(of: episode.raisedAt, in: plan.calendar)
        let number = NonconformityNumber(year: year, number: try writer.nextNumber(year: year))
        let last = try writer.predecessor(objective: objective.name, raisedBefore: episode.raisedAt)
        let recurs = last?.clearedAt.map { episode.onset - $0 <= definition.recurrence } ?? false
        var nonconformity = Nonconformity(
            episode, id: number, objective: definition,
            unit: definition.shownUnit(objective.indicator, at: episode.onset),
            recurrenceOf: recurs ? last?.id : nil, detectedAt: session.now, configurationDigest: plant.digest)
        nonconformity.objective = objective.name
        nonconformity.version = writer.version
        nonconformity.laterDemands = try laterDemands(of: nonconformity, at: objective, writer)
        try collectEvidence(for: &nonconformity, of: episode, through: end, at: objective, session)
        nonconformity.frozen = FrozenEvidence(windows: nonconformity.windows, points: nonconformity.points)
        try sealEvidence(of: episode, at: objective, session)
        try writer.put(nonconformity)
        try keepFlight(of: nonconformity, session)
        session.summary.nonconformities += 1
        lookAtSoon(nonconformity.id)
        session.journal(.raised(nonconformity, at: session.time))
        for demand in nonconformity.laterDemands { session.journal(.demandChanged(nonconformity, to: demand)) }
        try session.alert(.raised(nonconformity, episode, objective: objective))
        if !episode.isOngoing { try announceCleared(nonconformity, episode, session) }
        try markIfRepeated(nonconformity, session)
        try reopenVerifying(brokenBy: nonconformity, session)
    }

    /// Seals what was read of the objective's points on the day of the raising, before it is frozen: it need not wait for
    /// midnight to be proven. In a replay the days are sealed by who opens the database next.
    private func sealEvidence(of episode: Episode, at objective: ObjectiveAtWork, _ session: RecordingSession) throws {
        guard isLive else { return }
        let used = plan.pointsUsed(
            by: objective.definition.indicator, over: Window(start: episode.onset, end: episode.raisedAt))
        let points = Set(plan.measuredPoints(behind: used).map { plan.points[Int($0)].name })
        let start = plan.calendar.start(of: plan.calendar.date(episode.raisedAt - 1))
        guard !points.isEmpty, start < episode.raisedAt else { return }
        let stretch = Window(start: start, end: episode.raisedAt)
        session.journal(try DaySeal(of: stretch, points: points, in: session.writer).entry(at: session.time))
    }

    private func extend(_ episode: Episode, by finding: ObjectiveFinding, _ session: RecordingSession) throws {
        let name = objectives[episode.objective].name
        // What was put right while the windows after it wait to be judged again has all its evidence.
        guard let id = try session.writer.standingID(objective: name, onset: episode.onset) else { return }
        try session.writer.extend(
            id, with: EvidenceWindow(finding.judged, finding.value), peak: episode.peak, limit: episode.limit)
    }

    private func clear(_ episode: Episode, _ session: RecordingSession) throws {
        let objective = objectives[episode.objective]
        guard let id = try session.writer.standingID(objective: objective.name, onset: episode.onset),
            var nonconformity = try session.writer.nonconformity(id)
        else { return }
        nonconformity.follow(episode)
        try collectEvidence(for: &nonconformity, of: episode, at: objective, session)
        try session.writer.put(nonconformity)
        try keepFlight(of: nonconformity, session)
        try announceCleared(nonconformity, episode, session)
        try session.followData(of: nonconformity)
    }

    private func announceCleared(
        _ nonconformity: Nonconformity, _ episode: Episode, _ session: RecordingSession
    ) throws {
        session.journal(.cleared(nonconformity, at: session.time))
        try session.alert(.cleared(nonconformity, objective: objectives[episode.objective]))
    }

    /// Brings a stored nonconformity to what a revision found; what was believed before stands in the journal.
    func update(_ before: Nonconformity, to episode: Episode, _ session: RecordingSession) throws {
        let objective = objectives[episode.objective]
        var after = before
        after.remark = nil
        after.raisedAt = episode.raisedAt
        after.follow(episode)
        after.laterDemands = try laterDemands(of: after, at: objective, session.writer)
        try collectEvidence(for: &after, of: episode, at: objective, session)
        try after.takePeak(after: objective.until) { end, limit in
            try demand(of: objective, at: end, session.writer).isLowerLimit(limit)
        }
        guard after != before else { return }
        try session.writer.put(after)
        try keepFlight(of: after, session)
        session.journal(.revised(after, from: before, at: session.time))
        for demand in after.laterDemands where !before.laterDemands.contains(demand) {
            session.journal(.demandChanged(after, to: demand))
        }
        try session.followData(of: after)
        if before.condition == .ongoing, after.condition == .cleared {
            try session.alert(.cleared(after, objective: objective))
        } else if before.condition == .cleared, after.condition == .ongoing {
            try session.alert(.reopened(after, episode, objective: objective))
        }
    }
}
