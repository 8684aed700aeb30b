import Conformity
import Indicators
import Metering
import Storage

/// One pass of an objective's judge over windows that were judged before: from the first in doubt on until the verdict and
/// the memory are those on record, with nothing in doubt after it for a while (Rules 7).
package struct Rejudging {
    package private(set) var judge: ObjectiveJudge
    package private(set) var lastVerdict: Verdict?
    package private(set) var reconciler: EpisodeReconciler
    /// Whether it ended because all that follows is as on record.
    package private(set) var isCaughtUp = false
    /// The onset of the row or episode that was under way where it began.
    package private(set) var underWay: Instant?
    /// After this the windows begin that it goes over.
    package let begin: Instant
    /// The verdict on record of the window gone over last, or before it where that has none.
    private var last: JudgedWindow?
    /// The judge's memory after that window as it was on record.
    private var memoryBefore: [UInt8]
    /// The end of the window gone over last; nil before the first.
    package private(set) var previousEnd: Instant?
    /// How many of the doubts it has dealt with.
    package private(set) var settled = 0
    private let objective: ObjectiveAtWork
    private let doubts: ArraySlice<VerdictDoubt>
    /// Windows of which the value is another; nil: all whose values were ever revised.
    private let changed: Set<Window>?
    private var rewriter: VerdictRewriter
    private var through = Instant.distantPast
    private var start = Instant.distantPast
    private var followers = Followers()

    /// A pass from the first of the doubts on, which are in order; the standing is that before the first of them.
    package init(
        _ objective: ObjectiveAtWork, _ doubts: ArraySlice<VerdictDoubt>, changed: Set<Window>?,
        from standing: JudgeStanding,
        _ writer: StoreWriter
    ) throws {
        last = standing.last
        judge = standing.judge
        lastVerdict = standing.lastVerdict
        begin = standing.begin
        underWay = judge.underWaySince
        reconciler = EpisodeReconciler(ongoing: judge.ongoing)
        rewriter = try VerdictRewriter(writer, objective: objective.index, after: last)
        (self.objective, self.doubts, self.changed) = (objective, doubts, changed)
        memoryBefore = judge.memory
    }

    /// Judges the next window again, whose value a version made; false where the rest is as on record.
    package mutating func take(
        _ value: IndicatorValue, madeBy version: Int?, _ context: ObjectiveJudge.Context, _ session: RecordingSession
    ) throws -> Bool {
        let window = value.window
        while settled < doubts.count, doubts[doubts.startIndex + settled].from <= window.end {
            through = max(through, doubts[doubts.startIndex + settled].through)
            start = max(start, doubts[doubts.startIndex + settled].start)
            settled += 1
        }
        defer { previousEnd = window.end }
        let stored = try rewriter.stored(window)
        if let stored { memoryBefore = stored.memory }
        let (judged, events) = judge.judge(value, context)
        let isChanged = changed?.contains(window) ?? (value.revision > 1)
        reconciler.rejudged(window, events, isChanged: isChanged || judged?.shown != stored?.shown)
        if let judged, judged.verdict != .notEvaluable { lastVerdict = judged.verdict }
        guard let judged else {
            if stored != nil { try rewriter.remove(window) }
            return true
        }
        last = judged
        if judged == stored {
            try rewriter.keep(notBefore: version)
            isCaughtUp = settled > 0 && window.end > through && window.start >= start && !isNextNear(window)
            return !isCaughtUp
        }
        try rewriter.put(judged)
        if let stored, stored.verdict != judged.verdict {
            session.journal(.revision(of: objective.name, from: stored, to: judged, at: session.time))
        } else if let stored, !isChanged, stored.shown != judged.shown {
            followers.take(stored, judged)
        }
        return true
    }

    /// Ends the pass: verdicts that only followed others, a running sum most of all, are one line of the journal.
    package mutating func end(_ session: RecordingSession) throws {
        try rewriter.end()
        if !isCaughtUp { settled = doubts.count }
        if let entry = followers.entry(objective.name, at: session.time) { session.journal(entry) }
    }

    /// Whether no row or episode is under way after the window gone over last, as it is judged now and as it was.
    package var isQuiet: Bool {
        guard judge.underWaySince == nil else { return false }
        var before = objective.newJudge(after: nil)
        before.memory = memoryBefore
        return before.underWaySince == nil
    }

    /// Interrupts the pass after the window gone over last: what is stored can be committed then.
    package mutating func pause() throws { try rewriter.end() }

    /// Goes on in another transaction.
    package mutating func goOn(in writer: StoreWriter) throws {
        rewriter = try VerdictRewriter(writer, objective: objective.index, after: last)
    }

    /// Ends what it has found so far, and goes on as if it had begun here; only where it ``isQuiet``.
    package mutating func takeFound() -> (reconciler: EpisodeReconciler, underWay: Instant?) {
        defer { (reconciler, underWay) = (EpisodeReconciler(ongoing: nil), nil) }
        return (reconciler, underWay)
    }

    /// Whether going on to the next doubt costs less than beginning anew there.
    private func isNextNear(_ window: Window) -> Bool {
        guard settled < doubts.count else { return false }
        let step = previousEnd.map { window.end - $0 } ?? window.length
        return doubts[doubts.startIndex + settled].from - window.end <= 64 * step
    }

    /// Verdicts that stay what they were with another number beside them.
    private struct Followers {
        private var count = 0
        private var first: Window?
        private var last: (old: JudgedWindow, new: JudgedWindow)?

        mutating func take(_ old: JudgedWindow, _ new: JudgedWindow) {
            count += 1
            first = first ?? new.window
            last = (old, new)
        }

        func entry(_ objective: String, at time: Instant) -> JournalEntry? {
            guard let first, let last else { return nil }
            return .restated(
                objective, from: first, windows: count, last: last.old, as: last.new, at: time)
        }
    }
}

extension JudgedWindow {
    /// All of it that is shown: the memory is the judge's own.
    fileprivate var shown: JudgedWindow {
        var shown = self
        shown.memory = []
        return shown
    }
}
