import Conformity
import Metering
import PlantAPI
import Storage

extension Recorder {
    /// Raises what a person found: number, journal line, first step and alert in one transaction; returns its number.
    ///
    /// `since` is its onset; nil: now. `end` is when it was over; nil: it is ongoing. Throws a ``CommandError`` (65) where the evidence is malformed.
    package func raise(
        _ finding: RaisedFinding, _ severity: Severity, since: Instant?, until end: Instant?, _ step: LifecycleStep,
        now: Instant
    ) throws -> String {
        try commit(now: now)
        do throws(LifecycleRefusal) {
            try NonconformityLifecycle(id: "what is raised").checkEvidence(step)
        } catch {
            throw CommandError(.badInput, error.description)
        }
        return try transact(now: now) { session in
            let year = NonconformityNumber.year(of: now, in: plan.calendar)
            let number = NonconformityNumber(year: year, number: try session.writer.nextNumber(year: year))
            var found = Nonconformity(
                finding, id: number.text, severity: severity, onset: min(since ?? now, now - 1), at: now,
                end: end, configurationDigest: plant.digest)
            found.version = session.writer.version
            session.summary.nonconformities += 1
            try session.writer.put(found)
            try keepFlight(of: found, session)
            session.journal(.raised(found, at: session.time))
            try put(step, NonconformityLifecycle(id: found.id, steps: [step]), &found, session)
            return found.id
        }
    }
}
