import Conformity
import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

extension Recorder {
    /// Does what revisions and judging left to do, so that nothing pends: values are computed again, verdicts made again,
    /// nonconformities put right, raised and cleared.
    ///
    /// Each transaction ends with it, and whoever needs final values before that may call it at any time.
    func settle(_ session: RecordingSession) throws {
        // Those that others are computed from come first, so each is computed again once.
        for index in plan.indicatorsInOrder {
            for (stretch, reason) in session.pending.takeStretches(of: index) {
                // What came late is right at once; what follows from elsewhere over a long time is done a piece at a time.
                if reason == "late-reading" || reason == "late-source" {
                    try recompute(index, over: stretch, reason: reason, session)
                } else if reason == Recorder.importReason, pastClock == nil, plan.indicators[index].counted == nil {
                    try computeAgain(index, over: stretch, reason: reason, session)
                } else {
                    try reviseOrQueue(index, over: stretch, reason: reason, session)
                }
                try session.relieve()
            }
        }
        let fresh = try carryOut(
            try objectives.map { objective in
                (objective, session.judgesLater ? later(objective, session) : try rejudge(objective, session))
            },
            session)
        for objective in objectives where objective.isWithdrawnAtEnd { try withdrawLasting(at: objective, session) }
        try linkAgain(session)
        try conclude(session)
        try refreshEvidence(besides: fresh, session)
    }

    /// Does what judging again found; returns the nonconformities that were brought up to date.
    func carryOut(
        _ found: [(objective: ObjectiveAtWork, steps: [EpisodeReconciler.Step])], _ session: RecordingSession
    ) throws -> Set<String> {
        var fresh: Set<String> = []
        var raised: [Episode] = []
        for (objective, steps) in found {
            for step in steps {
                // Not before: links that are set meanwhile are those of what was believed.
                session.pending.relink(objective.index, step.stretch)
                switch step {
                case .raise(let episode, _): raised.append(episode)
                case .update(let new, let old):
                    try update(old, to: Episode(new, objective: objective.index), session)
                    fresh.insert(old.id)
                case .putRight(let new): try putRight(new, at: objective, session)
                }
            }
        }
        // Numbers are given in the order of raising, whichever objective it is (Rules 10).
        for episode in raised.sorted(by: Episode.isNumberedBefore) { try raise(episode, session) }
        return fresh
    }

    /// Puts what is in doubt of an objective behind the values that are still to be computed.
    private func later(_ objective: ObjectiveAtWork, _ session: RecordingSession) -> [EpisodeReconciler.Step] {
        let doubts = session.pending.takeDoubts(of: objective.index).doubts
        guard let from = doubts.map(\.from).min() else { return [] }
        recomputations.add(
            RecomputationQueue.Judging(
                objective: objective.definition.name, from: from.milliseconds,
                through: (doubts.map(\.through).max() ?? from).milliseconds,
                start: (doubts.map(\.start).max() ?? .distantPast).milliseconds))
        session.keepsQueue = true
        judgingAgain = nil
        return []
    }

    /// Judges an objective's windows again as far as they are in doubt, and says what that makes of its nonconformities.
    private func rejudge(_ objective: ObjectiveAtWork, _ session: RecordingSession) throws -> [EpisodeReconciler.Step] {
        let (doubts, changed) = session.pending.takeDoubts(of: objective.index)
        guard !doubts.isEmpty else { return [] }
        judgedAgain.insert(objective.index)
        if judgingAgain?.objective === objective { judgingAgain = nil }
        var steps: [EpisodeReconciler.Step] = []
        var known: [String: Nonconformity] = [:]
        var rest = doubts[...]
        while !rest.isEmpty {
            let standing = try standing(of: objective, before: rest.first?.from ?? .distantPast, session.writer)
            var pass = try Rejudging(objective, rest, changed: changed, from: standing, session.writer)
            _ = try goOver(&pass, after: pass.begin, until: nil, at: objective, session)
            try pass.end(session)
            rest = rest.dropFirst(pass.settled)
            if !pass.isCaughtUp { (objective.judge, objective.lastVerdict) = (pass.judge, pass.lastVerdict) }
            let found = try self.steps(
                by: pass.reconciler, underWay: pass.underWay, isCaughtUp: pass.isCaughtUp, at: objective, known: &known,
                session)
            steps = EpisodeReconciler.Step.joined(steps, found)
        }
        // What was seen and not judged is among what waits; now its guard may say otherwise.
        try judgeWaiting(at: objective, session)
        return steps
    }

    /// Goes over the windows after an instant with a pass; false where it was a moment's end that ended it, which it is
    /// only after a window that no other shares its end with.
    func goOver(
        _ pass: inout Rejudging, after begin: Instant, until moment: MonotonicMoment?,
        at objective: ObjectiveAtWork,
        _ session: RecordingSession
    ) throws -> Bool {
        let waiting = Set(objective.waiting.map(\.window))
        let indicator = objective.definition.indicator
        let closedEnd = min(objective.judgesThrough ?? closedEnds[indicator] ?? .distantPast, objective.until)
        let stretch = Window(start: begin, end: closedEnd)
        do {
            try session.writer.versionedValues(indicator, in: stretch, overlapping: true, withdrawn: true) {
                value, version in
                guard value.window.end > stretch.start, value.window.end <= closedEnd,
                    !waiting.contains(value.window)
                else { return }
                if let moment, let end = pass.previousEnd, end > begin, value.window.end > end,
                    MonotonicMoment.now >= moment || (pass.reconciler.count >= mostFound && pass.isQuiet)
                {
                    throw Paused()
                }
                guard try isAlike(indicator, value.window, version: version, session.writer),
                    let context = try context(of: value, at: objective, session.writer)
                else { return }
                if try !pass.take(value, madeBy: version, context, session) { throw CaughtUp() }
            }
        } catch is CaughtUp {} catch is Paused { return false }
        return true
    }

    /// What a pass found makes of the nonconformities on record.
    func steps(
        by reconciler: EpisodeReconciler, underWay: Instant?, isCaughtUp: Bool, at objective: ObjectiveAtWork,
        known: inout [String: Nonconformity], _ session: RecordingSession
    ) throws -> [EpisodeReconciler.Step] {
        guard let span = reconciler.span(underWay: underWay) else { return [] }
        let stored = try session.writer.nonconformities(objective: objective.name, onsetIn: span, known: known)
        for found in stored { known[found.id] = found }
        return reconciler.steps(against: stored, isCaughtUp: isCaughtUp, at: session.time)
            .map { $0.endingBeyond(objective.until) }
    }

    private func putRight(_ new: Nonconformity, at objective: ObjectiveAtWork, _ session: RecordingSession) throws {
        let wasOngoing = try session.writer.nonconformity(new.id)?.condition == .ongoing
        try session.writer.put(new)
        try keepFlight(of: new, session)
        session.journal(.cleared(new, at: session.time))
        try session.followData(of: new)
        // One that was over already has been said to be cleared.
        if wasOngoing { try session.alert(.putRight(new, objective: objective)) }
    }

    /// Ends what a revision found to last at the end of a demand that was taken out.
    private func withdrawLasting(at objective: ObjectiveAtWork, _ session: RecordingSession) throws {
        for var found in try session.writer.nonconformities(objective: objective.name)
        where found.condition == .ongoing && found.raisedAt <= objective.until {
            try session.withdraw(&found, at: objective.until, objective.definition, indicator: objective.indicator.name)
        }
    }

    /// Sets anew which nonconformity repeats which, after a revision brought some to light or put some right.
    private func linkAgain(_ session: RecordingSession) throws {
        let links = Dictionary(grouping: session.pending.takeLinks(), by: \.objective)
        let spans = links.sorted { $0.key < $1.key }.flatMap { index, links in
            merged(links.map(\.stretch)).map { (index, $0) }
        }
        for (index, span) in spans {
            let (definition, name) = (objectives[index].definition, objectives[index].name)
            var stored = try session.writer.nonconformities(objective: name, onsetIn: span)
            // The one after them may repeat another now.
            if let next = try session.writer.nonconformity(objective: name, after: span.end) {
                stored.append(next)
            }
            for old in stored where !old.isPutRight {
                let last = try session.writer.predecessor(objective: name, raisedBefore: old.raisedAt)
                let recurs = last?.clearedAt.map { old.onset - $0 <= definition.recurrence } ?? false
                var new = old
                new.recurrenceOf = recurs ? last?.id : nil
                guard new != old else { continue }
                try session.writer.put(new)
                session.journal(.revised(new, from: old, at: session.time))
            }
        }
    }

    /// Collects the evidence of nonconformities again in which readings came late, also where no window's value changed.
    private func refreshEvidence(besides fresh: Set<String>, _ session: RecordingSession) throws {
        let touched = session.pending.takeTouched()
        guard !touched.isEmpty else { return }
        for objective in objectives where objective.isAtWork {
            let points = plan.measuredPoints(behind: plan.pointsUsed(by: objective.definition.indicator))
            let stretches = merged(points.flatMap { touched[$0] ?? [] })
            let name = objective.name
            for onset in try session.writer.onsets(objective: name, overlapping: stretches) {
                guard let id = try session.writer.nonconformityID(objective: name, onset: onset), !fresh.contains(id),
                    let old = try session.writer.nonconformity(id), objective.hasJudged(old)
                else { continue }
                try update(old, to: Episode(old, objective: objective.index), session)
            }
        }
    }
}

extension ObjectiveAtWork {
    /// Whether a nonconformity lasted while the demand was in force.
    fileprivate func hasJudged(_ found: Nonconformity) -> Bool {
        found.raisedAt <= until && found.clearedAt ?? found.withdrawnAt ?? .distantFuture > since
    }
}

/// Judging again found what is on record: everything after it is as it was.
private struct CaughtUp: Error {}

/// A portion of the windows to judge again is done.
private struct Paused: Error {}

extension Episode {
    /// The episode of a nonconformity.
    fileprivate init(_ nonconformity: Nonconformity, objective: Int) {
        self.init(
            objective: objective, onset: nonconformity.onset, raisedAt: nonconformity.raisedAt,
            clearedAt: nonconformity.clearedAt, peak: nonconformity.peak, limit: nonconformity.limit)
    }
}
