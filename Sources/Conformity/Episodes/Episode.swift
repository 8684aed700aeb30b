import Metering

/// One stretch of an objective not met, from the row that raised it to the row that cleared it (Rules 10).
///
/// Its identity is (``objective``, ``onset``); of those that share both, as only cut months can, the last one stands. Its
/// windows are those judged from the onset on, up to and with the clearing one.
package struct Episode: Sendable, Hashable {
    /// Index of the objective in the configuration's order.
    package var objective: Int
    /// Start of the first window of the row that raised it.
    package var onset: Instant
    /// End of the window that completed that row.
    package var raisedAt: Instant
    /// End of the window that completed the clearing row; nil while it lasts.
    package var clearedAt: Instant?
    /// The value farthest past its limit, the row before the raising included; the first one where two are equally far.
    package var peak: Double?
    /// The limit of the peak's window.
    package var limit: Double?

    /// An episode.
    package init(
        objective: Int, onset: Instant, raisedAt: Instant, clearedAt: Instant? = nil, peak: Double?, limit: Double?
    ) {
        self.objective = objective
        self.onset = onset
        self.raisedAt = raisedAt
        self.clearedAt = clearedAt
        self.peak = peak
        self.limit = limit
    }

    /// Whether it has not cleared yet.
    package var isOngoing: Bool { clearedAt == nil }

    /// Whether `a` gets its number before `b` where both are new: by the time of raising, then the configuration's order.
    package static func isNumberedBefore(_ a: Episode, _ b: Episode) -> Bool {
        if a.raisedAt != b.raisedAt { return a.raisedAt < b.raisedAt }
        if a.objective != b.objective { return a.objective < b.objective }
        return a.onset < b.onset
    }
}

/// What judging a window did to an objective's episode.
package enum EpisodeEvent: Sendable, Hashable {
    /// The row is complete: a nonconformity.
    case raised(Episode)
    /// One more judged window while it lasts, whatever its verdict; the episode has the peak so far.
    case appended(Episode)
    /// The clearing row is complete; the window that completed it is the episode's last.
    case cleared(Episode)

    /// The episode as it is after the window.
    package var episode: Episode {
        switch self {
        case .raised(let episode), .appended(let episode), .cleared(let episode): episode
        }
    }
}
