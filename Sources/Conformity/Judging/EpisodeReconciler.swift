import Metering

/// Compares the episodes that a judging after a revision finds with the nonconformities on record, and says what to do (Rules 7). Pure.
///
/// Set the judge's memory to that before the first affected window, make a reconciler with the judge's ongoing episode, and hand over each window
/// judged again, until the judge's memory equals the one on record or the last closed window is reached. Then ask for
/// ``steps(against:isCaughtUp:at:)``.
package struct EpisodeReconciler: Sendable {
    /// One thing to do; each is to be written to the journal.
    package enum Step: Sendable, Hashable {
        /// Only the revision brings it to light: raise it now, with the original onset. `replaces` is the number of an overlapping
        /// nonconformity that is put right at the same time: the same trouble with another beginning.
        case raise(Episode, replaces: String?)
        /// The episode stands, but went otherwise (peak, limit, raising, clearing, or its being put right), or one of its windows
        /// says something else: store the new one, with evidence by the final revisions.
        case update(Nonconformity, from: Nonconformity)
        /// There was no such episode: store it as cleared with the remark `revised`; it is never deleted.
        case putRight(Nonconformity)
    }

    private var found: [Instant: Episode] = [:]
    /// By onset, the end of the last window that was judged again of each.
    private var reached: [Instant: Instant] = [:]
    /// Windows of which value or verdict changed, in order.
    private var changed: [Window] = []
    private var firstStart: Instant?
    private var firstEnd: Instant?
    private var lastEnd: Instant?

    /// How many episodes were found.
    package var count: Int { found.count }

    /// A reconciler before the first window judged again, with the episode under way there.
    package init(ongoing: Episode?) {
        if let ongoing { found[ongoing.onset] = ongoing }
    }

    /// Takes a window judged again, and what it did to the objective's episode; also one that is not judged at all.
    ///
    /// `isChanged`: its value or its verdict is another than before, so the evidence that holds it is too.
    package mutating func rejudged(_ window: Window, _ events: [EpisodeEvent], isChanged: Bool = false) {
        if isChanged { changed.append(window) }
        if firstEnd == nil { (firstStart, firstEnd) = (window.start, window.end) }
        lastEnd = window.end
        for event in events {
            found[event.episode.onset] = event.episode
            reached[event.episode.onset] = window.end
        }
    }

    /// Where the onsets lie of all episodes that may be found, or found never to have been; nil where nothing was judged again.
    ///
    /// `underWay` is the onset of the row or episode at which judging began.
    package func span(underWay: Instant?) -> Window? {
        guard let firstStart, let lastEnd else { return nil }
        return Window(start: min(firstStart, underWay ?? firstStart), end: lastEnd)
    }

    /// Whether one of the windows that are its evidence changed.
    private func isTouched(_ nonconformity: Nonconformity) -> Bool {
        var index = changed.partitioningIndex { $0.end > nonconformity.onset }
        let end = nonconformity.clearedAt ?? .distantFuture
        while index < changed.count, changed[index].end <= end {
            if changed[index].start >= nonconformity.onset { return true }
            index += 1
        }
        return false
    }

    /// Whether windows that are of it now are not among its evidence: an earlier demand brought it to light, this one goes on.
    private func isBehind(_ nonconformity: Nonconformity) -> Bool {
        guard let end = reached[nonconformity.onset], let last = nonconformity.windows.last else { return false }
        return last.end < end.milliseconds
    }

    /// What to do, in the order in which numbers are given.
    ///
    /// - Parameters:
    ///   - stored: the objective's nonconformities that begin within ``span``, in any order.
    ///   - isCaughtUp: whether judging stopped because its memory was the one on record: what lasted there goes on as on record.
    ///   - instant: when what is put right and still lasted is said to be cleared.
    package func steps(against stored: [Nonconformity], isCaughtUp: Bool, at instant: Instant) -> [Step] {
        guard let firstEnd, let lastEnd else { return [] }
        var steps: [Step] = []
        var wrong: [Nonconformity] = []
        for old in stored.sorted(by: { $0.onset < $1.onset }) {
            if let episode = found[old.onset] {
                // Windows of months may share a beginning: what was raised after all this is that onset's last episode.
                let isOfLater = !old.isPutRight && old.raisedAt > lastEnd
                let new = isOfLater || isCaughtUp && episode.isOngoing ? old : old.following(episode)
                if new != old || isTouched(old) || isBehind(old) { steps.append(.update(new, from: old)) }
            } else if !old.isPutRight, firstEnd <= old.raisedAt, old.raisedAt <= lastEnd {
                var new = old
                new.condition = .cleared
                new.withdrawnAt = nil
                new.clearedAt = old.clearedAt ?? old.withdrawnAt ?? instant
                new.remark = Nonconformity.revisedRemark
                wrong.append(old)
                steps.append(.putRight(new))
            }
        }
        let known = Set(stored.map(\.onset))
        for episode in found.values.sorted(by: Episode.isNumberedBefore) where !known.contains(episode.onset) {
            let replaced = wrong.first {
                $0.onset < (episode.clearedAt ?? .distantFuture) && episode.onset < ($0.clearedAt ?? .distantFuture)
            }
            steps.append(.raise(episode, replaces: replaced?.id))
        }
        return steps
    }
}

extension [Window] {
    /// The first index from which on the condition holds, where it holds from some index on.
    fileprivate func partitioningIndex(where holds: (Window) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Nonconformity {
    /// The record of the same episode as it was found.
    fileprivate func following(_ episode: Episode) -> Nonconformity {
        var new = self
        new.remark = nil
        new.raisedAt = episode.raisedAt
        new.follow(episode)
        return new
    }

    /// A new record of an episode: open, without evidence yet.
    package init(
        _ episode: Episode, id: NonconformityNumber, objective: ObjectiveDefinition, unit: String?,
        recurrenceOf: String? = nil, detectedAt: Instant? = nil, configurationDigest: String
    ) {
        self.init(
            id: id.text, objective: objective.name, severity: objective.severity,
            condition: episode.isOngoing ? .ongoing : .cleared, onset: episode.onset, raisedAt: episode.raisedAt,
            clearedAt: episode.clearedAt, detectedAt: detectedAt, peak: episode.peak, limit: episode.limit, unit: unit,
            recurrenceOf: recurrenceOf, definition: objective.source, configurationDigest: configurationDigest)
    }

    /// Follows the episode as it is after one more window: peak, limit, and whether it lasts.
    package mutating func follow(_ episode: Episode) {
        peak = episode.peak
        limit = episode.limit
        clearedAt = episode.clearedAt
        // What was withdrawn stays so, unless it turns out to have been over before.
        if condition == .withdrawn, episode.isOngoing { return }
        condition = episode.isOngoing ? .ongoing : .cleared
        withdrawnAt = nil
    }
}
