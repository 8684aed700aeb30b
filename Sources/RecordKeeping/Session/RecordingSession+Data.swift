import Conformity
import Storage

extension RecordingSession {
    /// Brings the data nonconformity that was opened instead of a breach to the breach's condition.
    package func followData(of found: Nonconformity) throws {
        let judged = Nonconformity.dataOf(objective: found.objective)
        guard let id = try writer.nonconformityID(objective: judged, onset: found.onset),
            let before = try writer.nonconformity(id)
        else { return }
        var after = before
        (after.condition, after.clearedAt, after.withdrawnAt) = (found.condition, found.clearedAt, found.withdrawnAt)
        guard after != before else { return }
        try writer.put(after)
        journal(
            after.condition == .cleared
                ? .cleared(after, at: time) : .revised(after, from: before, at: time))
    }
}
