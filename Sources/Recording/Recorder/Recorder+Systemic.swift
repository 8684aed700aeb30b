import Conformity
import Metering
import RecordKeeping
import Storage

/// The third of its kind within a year is no accident (Rules 10).
extension Recorder {
    /// Marks a nonconformity as systemic where two of its objective, or of its obligation, came before it within a year.
    ///
    /// Live only: it is a step in the life that people have to do with, and no part of what was measured.
    func markIfRepeated(_ found: Nonconformity, _ session: RecordingSession) throws {
        guard isLive else { return }
        let reference = objective(of: found)?.reference
        let alike = plant.objectives.filter { other in
            other.name == found.objectiveName || (reference != nil && other.reference == reference)
        }
        let earlier = try earlier(than: found, of: alike.map(\.name), session.writer)
        guard earlier.count >= 2 else { return }
        let isSame = earlier.allSatisfy { $0.objective == found.objectiveName }
        let likeness = isSame ? "the same objective" : "the same obligation, \(reference ?? "")"
        try mark(found, after: earlier.map(\.id), because: likeness, session)
    }

    /// The same where two had a cause of the same category on the same meters.
    func markIfCauseRepeated(_ found: Nonconformity, _ cause: LifecycleStep, _ session: RecordingSession) throws {
        guard isLive, let category = cause.category, let own = objective(of: found) else { return }
        let meters = plan.meters(behind: own.indicator)
        let alike = plant.objectives.filter { !plan.meters(behind: $0.indicator).isDisjoint(with: meters) }
        let earlier = try earlier(than: found, of: alike.map(\.name), session.writer).filter { other in
            try session.writer.life(of: other.id).steps.last { $0.kind == .cause }?.category == category
        }
        guard earlier.count >= 2 else { return }
        try mark(
            found, after: earlier.map(\.id),
            because: "the same kind of cause, \(category.rawValue), on the same meters", session)
    }

    private func objective(of found: Nonconformity) -> ObjectiveDefinition? {
        plant.objectives.first { $0.name == found.objectiveName }
    }

    private func earlier(
        than found: Nonconformity, of objectives: [String], _ reader: StoreReader
    ) throws -> [(id: String, objective: String)] {
        let start = plan.calendar.instant(CalendarLength(1, .years), before: found.raisedAt)
        let year = Window(start: start, end: found.raisedAt + 1)
        return try objectives.flatMap { name in
            try reader.raised(objective: name, in: year).filter { $0 != found.id }.map { ($0, name) }
        }
    }

    private func mark(
        _ found: Nonconformity, after earlier: [String], because likeness: String, _ session: RecordingSession
    ) throws {
        var found = try session.writer.nonconformity(found.id) ?? found
        var life = try session.writer.life(of: found.id)
        guard !life.isSystemic, let last = earlier.last else { return }
        let actions = try session.writer.life(of: last).actions.map(\.text)
        let failed = actions.isEmpty ? "" : "; not effective: \(actions.joined(separator: ", ")) (\(last))"
        let text = "after \(earlier.joined(separator: ", ")) within a year: \(likeness)" + failed
        let step = LifecycleStep(.systemic, by: "emsd", at: session.time, text: text, other: last)
        try put(life.take(step), life, &found, session)
    }
}
