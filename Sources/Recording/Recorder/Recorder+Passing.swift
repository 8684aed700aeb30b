import Indicators
import Metering
import Platform
import RecordKeeping
import Storage

/// A long absence, or a clock that was set far forward, leaves very many windows to close: time then passes in portions,
/// each a transaction of its own, as if it had passed while nothing was read (Rules 2).
extension Recorder {
    /// Windows that may close in one go: beside polling no more than a moment's work; where nobody waits, as many as
    /// memory holds easily.
    private static func windows(isLive: Bool) -> Double { isLive ? 2000 : 200_000 }

    /// Windows whose closing takes about the time that a portion may.
    private static let portionWindows = 1000

    /// The time in which so many windows of a plan close.
    static func longestPassage(of plan: IndicatorPlan, isLive: Bool) -> Int64 {
        let perMillisecond = plan.indicators.reduce(0.0) { $0 + 1 / Double($1.rule.step) }
        guard perMillisecond > 0 else { return .max }
        // A plant without windows to speak of has its quarters of a day.
        return max(60_000, Int64(min(windows(isLive: isLive) / perMillisecond, 1e15)))
    }

    /// How many of these readings the engine may take before time has to pass in portions.
    func passable(_ readings: ArraySlice<Reading>) -> Int {
        var last = recordStart == nil ? readings.first?.time ?? .distantPast : seen
        for (offset, reading) in readings.enumerated() {
            if reading.time - last > longestPassage { return offset }
            last = max(last, reading.time)
        }
        return readings.count
    }

    /// Up to when time has to pass in portions before what is held, or `now`, can be looked at; nil: nothing is behind.
    package func timeToPass(to now: Instant) -> Instant? {
        guard isOpen else { return nil }
        let next = unstored.taken < unstored.readings.count ? unstored.readings[unstored.taken].time : now + 1
        return isFar(next) ? next - 1 : nil
    }

    /// The time that has passed in the record: windows that end before it are closed, but for those that wait.
    ///
    /// Nothing passes before the record begins: its first instant waits in the engine until something later is seen.
    package var reached: Instant { max(engine.clock, recordStart ?? engine.clock) }

    /// The newest instant that the engine knows of: it may still wait for something later to be seen.
    private var seen: Instant { max(reached, engine.waiting ?? reached) }

    /// Whether an instant is so far off that time passes to it in portions.
    func isFar(_ instant: Instant) -> Bool { recordStart != nil && instant - seen > longestPassage }

    /// Lets time pass on towards an instant for about so many milliseconds, in transactions of its own.
    package func passOn(to instant: Instant, for milliseconds: Int64, now: Instant?) throws {
        let end = MonotonicMoment.now + .milliseconds(milliseconds)
        while try !passOn(to: instant, now: now), MonotonicMoment.now < end {}
    }

    /// Closes every window that ends at or before an instant, whatever it waits for: another definition takes its place.
    func closeAll(through instant: Instant, now: Instant?) throws {
        // Who is still without its past closes its windows after the others.
        while newcomers != nil { try workOff(for: 1000, now: now) }
        if isFar(instant) { while try !passOn(to: instant, now: now) {} }
        try transact(now: now) { session in
            guard recordStart != nil else { return }
            engine.finish(through: instant)
            try drain(session)
        }
        // What is to be computed again is computed by the definition that closed it.
        while isWorkLeft { try workOff(for: 1000, now: now) }
    }

    /// Lets time pass by one portion; whether that was the last one.
    func passOn(to instant: Instant, now: Instant?) throws -> Bool {
        let (from, windows) = (reached, summary.windows)
        guard from < instant else { return true }
        try transact(now: now) { session in
            // An instant that waits is passed with the first portion, or nothing would be.
            engine.pass(to: min(instant, seen + passage))
            try drain(session)
        }
        madeProgress()
        let closed = summary.windows - windows
        if closed < Recorder.portionWindows / 2 {
            passage = min(passage * 2, 366 * 86_400_000)
        } else if closed > Recorder.portionWindows * 2 {
            passage = max(1000, passage / 2)
        }
        return reached >= instant || reached == from
    }

    /// Computes closed windows again at once, or where they are many later and a piece at a time.
    func reviseOrQueue(_ indicator: Int, over stretch: Window, reason: String, _ session: RecordingSession) throws {
        if plan.indicators[indicator].counted != nil {
            touch(stretch, restatedBy: indicator, reason, session)
            return try recomputeCounted(indicator, over: stretch, reason: reason, session)
        }
        let from = max(stretch.start, recordStart ?? stretch.start)
        let until = min(stretch.end, closedEnds[indicator] ?? stretch.end)
        let isMany = until - from > 256 * plan.indicators[indicator].rule.step || until - from > 31 * 86_400_000
        // What waits is computed by the definition in force.
        if isMany, pastClock == nil {
            try computeAgain(indicator, over: stretch, reason: reason, session)
        } else {
            touch(stretch, restatedBy: indicator, reason, session)
            try recompute(indicator, over: stretch, reason: reason, session)
        }
    }

    /// Has evidence collected again where a date restates what is read, also where no value of a window becomes another.
    func touch(_ stretch: Window, restatedBy indicator: Int, _ reason: String, _ session: RecordingSession) {
        guard reason == "definition-changed" else { return }
        for point in plan.measuredPoints(behind: plan.pointsUsed(by: indicator)) {
            session.pending.touch(point, stretch)
        }
    }
}
