import Conformity
import Indicators
import Metering
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
                } else {
                    try reviseOrQueue(index, over: stretch, reason: reason, session)
                }
                try session.relieve()
            }
        }
        var fresh: Set<String> = []
        var raised: [Episode] = []
        for desk in desks {
            for step in try rejudge(desk, session) {
                switch step {
                case .raise(let episode, _): raised.append(episode)
                case .update(let new, let old):
                    try update(old, to: Episode(new, objective: desk.index), session)
                    fresh.insert(old.id)
                case .putRight(let new): try putRight(new, at: desk, session)
                }
            }
        }
        // Numbers are given in the order of raising, whichever objective it is (Rules 10).
        for episode in raised.sorted(by: Episode.isNumberedBefore) { try raise(episode, session) }
        for desk in desks where desk.isWithdrawnAtEnd { try withdrawLasting(at: desk, session) }
        try linkAgain(session)
        try conclude(session)
        try refreshEvidence(besides: fresh, session)
    }

    /// Judges an objective's windows again as far as they are in doubt, and says what that makes of its nonconformities.
    private func rejudge(_ desk: ObjectiveDesk, _ session: RecordingSession) throws -> [EpisodeReconciler.Step] {
        let (doubts, changed) = session.pending.takeDoubts(of: desk.index)
        guard !doubts.isEmpty else { return [] }
        let waiting = Set(desk.waiting.map(\.window))
        let indicator = desk.definition.indicator
        let closedEnd = min(desk.judgesThrough ?? closedEnds[indicator] ?? .distantPast, desk.until)
        var steps: [EpisodeReconciler.Step] = []
        var known: [String: Nonconformity] = [:]
        var rest = doubts[...]
        while !rest.isEmpty {
            let standing = try standing(of: desk, before: rest.first?.from ?? .distantPast, session.writer)
            var pass = try Rejudging(desk, rest, changed: changed, from: standing, session.writer)
            do {
                let stretch = Window(start: pass.begin, end: closedEnd)
                try session.writer.versionedValues(indicator, in: stretch, overlapping: true, withdrawn: true) {
                    value, version in
                    guard value.window.end > stretch.start, value.window.end <= closedEnd,
                        !waiting.contains(value.window),
                        try isAlike(indicator, value.window, version: version, session.writer),
                        let context = try context(of: value, at: desk, session.writer)
                    else { return }
                    if try !pass.take(value, context, session) { throw CaughtUp() }
                }
            } catch is CaughtUp {}
            try pass.end(session)
            rest = rest.dropFirst(pass.settled)
            if !pass.isCaughtUp { (desk.judge, desk.lastVerdict) = (pass.judge, pass.lastVerdict) }
            guard let span = pass.reconciler.span(underWay: pass.underWay) else { continue }
            let stored = try session.writer.nonconformities(objective: desk.name, onsetIn: span, known: known)
            for found in stored { known[found.id] = found }
            let found = pass.reconciler.steps(against: stored, isCaughtUp: pass.isCaughtUp, at: session.time)
                .map { $0.endingBeyond(desk.until) }
            if !found.isEmpty { session.pending.relink(desk.index, span) }
            steps = EpisodeReconciler.Step.joined(steps, found)
        }
        // What was seen and not judged is among what waits; now its guard may say otherwise.
        try judgeWaiting(at: desk, session)
        return steps
    }

    private func putRight(_ new: Nonconformity, at desk: ObjectiveDesk, _ session: RecordingSession) throws {
        let wasOngoing = try session.writer.nonconformity(new.id)?.condition == .ongoing
        try session.writer.put(new)
        try keepFlight(of: new, session)
        session.journal(.cleared(new, at: session.time))
        try session.followData(of: new)
        // One that was over already has been said to be cleared.
        if wasOngoing { try session.alert(.putRight(new, desk: desk)) }
    }

    /// Ends what a revision found to last at the end of a demand that was taken out.
    private func withdrawLasting(at desk: ObjectiveDesk, _ session: RecordingSession) throws {
        for var found in try session.writer.nonconformities(objective: desk.name)
        where found.condition == .ongoing && found.raisedAt <= desk.until {
            try session.withdraw(&found, at: desk.until, desk.definition, indicator: desk.indicator.name)
        }
    }

    /// Sets anew which nonconformity repeats which, after a revision brought some to light or put some right.
    private func linkAgain(_ session: RecordingSession) throws {
        let links = Dictionary(grouping: session.pending.takeLinks(), by: \.objective)
        let spans = links.sorted { $0.key < $1.key }.flatMap { index, links in
            merged(links.map(\.stretch)).map { (index, $0) }
        }
        for (index, span) in spans {
            let (objective, name) = (desks[index].definition, desks[index].name)
            var stored = try session.writer.nonconformities(objective: name, onsetIn: span)
            // The one after them may repeat another now.
            if let next = try session.writer.nonconformity(objective: name, after: span.end) {
                stored.append(next)
            }
            for old in stored where !old.isPutRight {
                let last = try session.writer.predecessor(objective: name, before: old.onset)
                let recurs = last?.clearedAt.map { old.onset - $0 <= objective.recurrence } ?? false
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
        for desk in desks where desk.isAtWork {
            let points = plan.measuredPoints(behind: plan.pointsUsed(by: desk.definition.indicator))
            let stretches = merged(points.flatMap { touched[$0] ?? [] })
            let name = desk.name
            let onsets = try stretches.flatMap { try session.writer.onsets(objective: name, overlapping: $0) }
            for onset in Set(onsets).sorted() {
                guard let id = try session.writer.nonconformityID(objective: name, onset: onset), !fresh.contains(id),
                    let old = try session.writer.nonconformity(id), desk.hasJudged(old)
                else { continue }
                try update(old, to: Episode(old, objective: desk.index), session)
            }
        }
    }
}

extension ObjectiveDesk {
    /// Whether a nonconformity lasted while the demand was in force.
    fileprivate func hasJudged(_ found: Nonconformity) -> Bool {
        found.raisedAt <= until && found.clearedAt ?? found.withdrawnAt ?? .distantFuture > since
    }
}

extension EpisodeReconciler.Step {
    /// Steps and those of a later pass, with one update a nonconformity, the last: an episode of a year is collected again
    /// once, however many of its windows were judged again.
    fileprivate static func joined(
        _ steps: [EpisodeReconciler.Step], _ later: [EpisodeReconciler.Step]
    ) -> [EpisodeReconciler.Step] {
        let again = Set(later.compactMap(\.updated))
        return steps.filter { step in step.updated.map { !again.contains($0) } ?? true } + later
    }

    /// The number of the nonconformity that is updated; nil for other steps.
    private var updated: String? {
        guard case .update(_, let old) = self else { return nil }
        return old.id
    }
}

extension EpisodeReconciler.Step {
    /// The same, where a demand that lasted up to an instant says nothing of what the next one cleared after it.
    fileprivate func endingBeyond(_ until: Instant) -> EpisodeReconciler.Step {
        guard case .update(var new, let old) = self, new.condition == .ongoing, let clearedAt = old.clearedAt,
            clearedAt > until
        else { return self }
        (new.condition, new.clearedAt) = (old.condition, clearedAt)
        return .update(new, from: old)
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
