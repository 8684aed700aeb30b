import Conformity
import Metering
import Platform
import RecordKeeping
import Storage

/// An objective that is judged again a portion at a time, in as many transactions as it takes.
///
/// It lives in memory only: killed, or where its windows were judged again otherwise meanwhile, it is begun again at the last
/// window after which nothing was under way.
final class JudgingAgain {
    let objective: ObjectiveAtWork
    var pass: Rejudging

    /// The pass of an objective over its windows.
    init(_ objective: ObjectiveAtWork, _ pass: Rejudging) {
        self.objective = objective
        self.pass = pass
    }
}

/// What was computed again over a long stretch is judged again once, objective by objective, beside whatever else is done.
extension Recorder {
    /// So many nonconformities are put right with one portion: each has its evidence collected.
    var mostFound: Int { isLive ? workPace.findings : 10_000 }

    /// Judges on with the first objective until a moment, and says what that makes of its nonconformities.
    ///
    /// What a row or an episode under way will be is not known in its middle: verdicts are stored with each portion,
    /// nonconformities put right only where nothing is under way, now and as it was judged before.
    func judgePiece(
        until moment: MonotonicMoment, _ session: RecordingSession
    ) throws -> [(objective: ObjectiveAtWork, steps: [EpisodeReconciler.Step])] {
        guard let item = recomputations.judgings.first else { return [] }
        guard let objective = objectives.first(where: { $0.definition.name == item.objective }) else {
            recomputations.judgedFirst(through: nil)
            try recomputations.keep(in: session.writer)
            return []
        }
        let run = try goOnJudging(item, objective, session)
        madeProgress()
        let isDone = try goOver(
            &run.pass, after: run.pass.previousEnd ?? run.pass.begin, until: moment, at: objective, session)
        var known: [String: Nonconformity] = [:]
        guard isDone else {
            try run.pass.pause()
            guard let end = run.pass.previousEnd else { return [] }
            guard run.pass.isQuiet else {
                recomputations.judgingFirst(through: end)
                try recomputations.keep(in: session.writer)
                return []
            }
            recomputations.judgedFirst(through: end)
            try recomputations.keep(in: session.writer)
            let found = run.pass.takeFound()
            let steps = try steps(
                by: found.reconciler, underWay: found.underWay, isCaughtUp: false, at: objective, known: &known, session
            )
            return [(objective, steps)]
        }
        judgingAgain = nil
        try run.pass.end(session)
        if !run.pass.isCaughtUp { (objective.judge, objective.lastVerdict) = (run.pass.judge, run.pass.lastVerdict) }
        recomputations.judgedFirst(through: nil)
        try recomputations.keep(in: session.writer)
        // What was seen and not judged is among what waits; now its guard may say otherwise.
        try judgeWaiting(at: objective, session)
        let steps = try steps(
            by: run.pass.reconciler, underWay: run.pass.underWay, isCaughtUp: run.pass.isCaughtUp, at: objective,
            known: &known, session)
        return [(objective, steps)]
    }

    private func goOnJudging(
        _ item: RecomputationQueue.Judging, _ objective: ObjectiveAtWork, _ session: RecordingSession
    ) throws -> JudgingAgain {
        if let run = judgingAgain {
            try run.pass.goOn(in: session.writer)
            return run
        }
        let run = try begin(item, objective, session)
        judgingAgain = run
        return run
    }

    private func begin(
        _ item: RecomputationQueue.Judging, _ objective: ObjectiveAtWork, _ session: RecordingSession
    ) throws -> JudgingAgain {
        // What it is measured against may have been computed again since.
        objective.baseline = nil
        let doubt = VerdictDoubt(
            from: Instant(milliseconds: item.from), through: Instant(milliseconds: item.through),
            start: Instant(milliseconds: item.start))
        let standing = try standing(of: objective, before: doubt.from, session.writer)
        return JudgingAgain(objective, try Rejudging(objective, [doubt], changed: nil, from: standing, session.writer))
    }
}
