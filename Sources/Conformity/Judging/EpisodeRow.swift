import Metering

/// Where an objective stands between its windows: quiet, in a row of windows not met, or in an episode (Rules 9 and 10).
///
/// - Quiet: `broken` is 0 and nothing is raised; every other field is at rest.
/// - In a row: `broken` windows not met so far; `onset` and the peak are the row's.
/// - In an episode: `raisedAt` is set; `cleared` counts the clearing row.
struct EpisodeRow: Sendable, Hashable {
    var broken = 0
    var cleared = 0
    var onset = Instant.distantPast
    var raisedAt: Instant?
    var peak = 0.0
    var limit = 0.0
    var isLowerLimit = false
    /// Whether the peak is of another unit than the windows that follow, and stays.
    var isPeakFinal = false

    /// Begins anew under another demand: an unfinished row is forgotten, and an episode goes on, or not.
    mutating func begin(keepingEpisode: Bool, isSameUnit: Bool) {
        guard keepingEpisode, raisedAt != nil else {
            self = EpisodeRow()
            return
        }
        broken = 0
        cleared = 0
        if !isSameUnit { isPeakFinal = true }
    }

    /// Whether it says no more than that nothing has happened.
    var isQuiet: Bool { broken == 0 && raisedAt == nil }

    /// The episode that lasts, if one does.
    func episode(of objective: Int) -> Episode? {
        guard let raisedAt else { return nil }
        return Episode(objective: objective, onset: onset, raisedAt: raisedAt, peak: peak, limit: limit)
    }

    /// Takes the next judged window; nil where no episode is raised, lasts or ends with it.
    mutating func take(
        _ finding: Finding, _ window: Window, raiseAfter: Int, clearAfter: Int, objective: Int
    ) -> EpisodeEvent? {
        if raisedAt == nil {
            switch finding.verdict {
            case .notEvaluable: break
            case .met, .warning: if broken > 0 { self = EpisodeRow() }
            case .notMet:
                if broken == 0 { onset = window.start }
                keepPeak(finding, isFirst: broken == 0)
                broken += 1
                if broken >= raiseAfter {
                    broken = 0
                    raisedAt = window.end
                    return episode(of: objective).map { .raised($0) }
                }
            }
            return nil
        }
        switch finding.verdict {
        case .notEvaluable: break
        case .notMet:
            cleared = 0
            keepPeak(finding, isFirst: false)
        case .met, .warning:
            cleared = finding.countsForClearing ? cleared + 1 : 0
            if cleared >= clearAfter, var ended = episode(of: objective) {
                ended.clearedAt = window.end
                self = EpisodeRow()
                return .cleared(ended)
            }
        }
        return episode(of: objective).map { .appended($0) }
    }

    private mutating func keepPeak(_ finding: Finding, isFirst: Bool) {
        guard let value = finding.value, let shown = finding.limit, !isPeakFinal else { return }
        guard isFirst || isFarther(value, shown, finding.isLowerLimit) else { return }
        peak = value
        limit = shown
        isLowerLimit = finding.isLowerLimit
    }

    private func isFarther(_ value: Double, _ shown: Double, _ isLower: Bool) -> Bool {
        // Beside the same limit the values decide: their distances may be rounded to the same number.
        if shown == limit, isLower == isLowerLimit { return isLower ? value < peak : value > peak }
        // Beside two limits rounding alone may say which distance is longer.
        return LimitComparison(decimals: nil).isAbove(
            isLower ? shown - value : value - shown, isLowerLimit ? limit - peak : peak - limit)
    }
}
