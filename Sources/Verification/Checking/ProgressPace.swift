/// Says of a check how far it has come, now and then and not with each step.
package struct ProgressPace {
    private var work = ""
    private var began = ContinuousClock.now
    private var said: ContinuousClock.Instant?

    /// Nothing was said yet.
    package init() {}

    /// The line to show now; nil while the last one is new enough.
    package mutating func text(_ progress: RecordVerification.Progress) -> String? {
        let now = ContinuousClock.now
        if progress.work != work { (work, began, said) = (progress.work, now, nil) }
        if let said, said.duration(to: now) < .milliseconds(500) { return nil }
        said = now
        let seconds = began.duration(to: now) / .seconds(1)
        return progress.text(after: seconds)
    }
}
