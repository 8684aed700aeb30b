import Conformity
import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

extension Recorder {
    /// Whether closed windows are still to be computed, or computed again.
    package var isWorkLeft: Bool { newcomers != nil || !recomputations.isEmpty }

    /// Has the closed windows of an indicator that overlap a stretch computed again, beside whatever else is done: what
    /// differs becomes a revision, what is missing is put in, and all that depends on them follows.
    func computeAgain(_ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession) throws {
        doubtWholeBaselines(of: indicator, over: stretch, session)
        let stretch = plan.indicators[indicator].reach(of: stretch)
        recomputations.add(
            RecomputationQueue.Item(
                indicator: plan.indicators[indicator].name, after: stretch.start.milliseconds,
                before: stretch.end.milliseconds, reason: reason))
        session.keepsQueue = true
    }

    /// Computes on what is to be computed again for about so many milliseconds, in one transaction; beside polling no more
    /// than can be stored in about as much time again (``WorkPace``).
    ///
    /// Killed or failed, the next call goes on at the last piece that was done.
    package func workOff(for milliseconds: Int64, now: Instant?) throws {
        guard isWorkLeft else { return }
        let begin = MonotonicMoment.now
        var portion = WorkPortion(end: begin + .milliseconds(milliseconds), most: isLive ? workPace.values : .max)
        var findings = 0
        try transact(now: now) { session in
            session.judgesLater = true
            try goOnWithNewcomers(until: portion.end, session)
            // With the past of newcomers done what is computed again is computed for all.
            guard newcomers == nil, !recomputations.isEmpty else { return }
            var found: [(objective: ObjectiveAtWork, steps: [EpisodeReconciler.Step])] = []
            repeat {
                // What follows from values comes before anything is judged by them.
                if recomputations.items.isEmpty { try session.settle(by: settle) }
                if recomputations.items.isEmpty {
                    try found.append(contentsOf: judgePiece(until: portion.end, session))
                } else {
                    try workPiece(&portion, session)
                }
                findings = found.map(\.steps.count).reduce(0, +)
            } while !recomputations.isEmpty && !portion.isOver && findings < mostFound
            _ = try carryOut(found, session)
        }
        workPace.noted(begin.duration(to: .now), values: portion.values, findings: findings)
    }

    private func workPiece(_ portion: inout WorkPortion, _ session: RecordingSession) throws {
        guard let item = recomputations.items.first else { return }
        guard let indicator = plan.indicators.firstIndex(where: { $0.name == item.indicator }),
            let run = try recomputation ?? begin(item, indicator, session)
        else {
            recomputations.advanceFirst(to: nil)
            if item.reason == "definition-changed",
                let place = plan.indicators.firstIndex(where: { $0.name == item.indicator })
            {
                doubtRestated([place: [Window(start: .distantPast, end: knownThrough + 1)]], session)
            }
            return try recomputations.keep(in: session.writer)
        }
        recomputation = run
        var changed: [IndicatorValue] = []
        let isDone = try run.goOn(session.writer) { output in
            madeProgress()
            let before = changed.count
            for (indicator, fit) in output.fits { try note(fit, of: indicator, session) }
            for value in output.closed where value.window.start.milliseconds < item.before {
                touch(value.window, restatedBy: indicator, item.reason, session)
                if let value = try revise(value, reason: item.reason, session) { changed.append(value) }
            }
            portion.values += changed.count - before
            return portion.isOver
        }
        if isDone {
            recomputation = nil
            recomputations.advanceFirst(to: run.end)
            try recomputations.keep(in: session.writer)
        }
        try follow(changed, of: indicator, session)
    }

    /// A run over the item's next windows; nil where there are none.
    private func begin(
        _ item: RecomputationQueue.Item, _ indicator: Int, _ session: RecordingSession
    ) throws -> RecomputationRun? {
        guard let closedEnd = closedEnds[indicator], let recordStart else { return nil }
        let sequence = WindowSequence(plan.indicators[indicator].rule, calendar: plan.calendar)
        let opened = openedAfter[indicator] ?? .distantPast
        let first = sequence.first(endingAfter: max(Instant(milliseconds: item.after), recordStart, opened))
        // Rolling windows may begin earlier than the one before where the clock is set back, by its change.
        let enough = Instant(milliseconds: min(item.before, Instant.distantFuture.milliseconds)) + 3 * 3_600_000
        guard first.end <= closedEnd, first.start < enough else { return nil }
        var last = first
        for _ in 1..<RecomputationRun.windows(like: first, of: indicator, plan) {
            let next = sequence.next(after: last)
            guard next.end <= closedEnd, next.start < enough else { break }
            last = next
        }
        return try RecomputationRun(indicator, from: first, through: last.end, self, session.writer)
    }
}

extension Recorder {
    /// What is still to be computed from what is stored, in sentences.
    package var work: [String] {
        var work: [String] = []
        if case .preparing(let preparation) = state {
            work.append(
                "objectives and open windows are made up from the record, objective \(preparation.objective) of "
                    + "\(objectives.count); readings wait until that is done")
        }
        if case .opening(let opening) = state {
            let position = opening.position.map { ", as far as \(plan.calendar.text($0))" } ?? ""
            work.append("open windows are made up from stored readings\(position); readings wait until that is done")
        }
        if let newcomers {
            let names = newcomers.indicators.sorted().map { plan.indicators[$0] }.filter { !$0.isHidden }.map(\.name)
            let position = newcomers.opening.position.map { ": done up to \(plan.calendar.text($0))" } ?? ""
            work.append("the past of \(RecomputationQueue.list(names)) is computed\(position)")
        }
        if recomputations.items.isEmpty, let first = recomputations.judgings.first {
            let position = plan.calendar.text(Instant(milliseconds: first.from))
            let names = RecomputationQueue.list(recomputations.judgings.map(\.objective))
            work.append("closed windows of \(names) are judged again: \(first.objective) is at \(position)")
        }
        let names = Set(recomputations.items.map(\.indicator)).sorted()
        if let first = recomputations.items.first {
            let position = plan.calendar.text(Instant(milliseconds: first.after))
            work.append(
                "closed windows of \(RecomputationQueue.list(names)) are computed again: \(first.indicator) is at "
                    + position)
        }
        return work
    }
}

extension RecomputationQueue {
    /// Some names in a sentence.
    fileprivate static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }
}
