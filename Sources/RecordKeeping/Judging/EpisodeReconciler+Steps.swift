import Conformity
import Metering

extension EpisodeReconciler.Step {
    /// Steps and those of a later pass, with one update a nonconformity, the last: an episode of a year is collected again
    /// once, however many of its windows were judged again.
    package static func joined(
        _ steps: [EpisodeReconciler.Step], _ later: [EpisodeReconciler.Step]
    ) -> [EpisodeReconciler.Step] {
        let again = Set(later.compactMap(\.updated))
        return steps.filter { step in step.updated.map { !again.contains($0) } ?? true } + later
    }

    /// From the onset to the raising: what begins in it, and the next one after it, may repeat another once it is done.
    package var stretch: Window {
        switch self {
        case .raise(let episode, _): Window(start: episode.onset, end: episode.raisedAt)
        case .update(let new, let old): Window(start: new.onset, end: max(new.raisedAt, old.raisedAt))
        case .putRight(let new): Window(start: new.onset, end: new.raisedAt)
        }
    }

    /// The number of the nonconformity that is updated; nil for other steps.
    private var updated: String? {
        guard case .update(_, let old) = self else { return nil }
        return old.id
    }

    /// The same, where a demand that lasted up to an instant says nothing of what the next one cleared after it.
    package func endingBeyond(_ until: Instant) -> EpisodeReconciler.Step {
        guard case .update(var new, let old) = self, new.condition == .ongoing, let clearedAt = old.clearedAt,
            clearedAt > until
        else { return self }
        (new.condition, new.clearedAt) = (old.condition, clearedAt)
        return .update(new, from: old)
    }
}
