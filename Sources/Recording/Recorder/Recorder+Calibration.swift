import Conformity
import Indicators
import ManagementSystem
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Keeps a check of a meter; one that failed as found makes all since the last good one doubtful, which is counted, told
    /// by an alert, and raised as a nonconformity of the kind `data` (Rules 14).
    package func keep(_ record: CalibrationRecord, now: Instant) throws -> CalibrationConsequence {
        defer { attention.nextCheck = .distantPast }
        return try transact(now: now) { session in
            try ManagementRecords.add(record, in: session.writer)
            let consequence =
                record.asFound == .fail
                ? try self.consequence(of: .meter(record.meter), Instant(milliseconds: record.date), session)
                : CalibrationConsequence()
            session.journal(.calibrated(record, consequence, at: session.time))
            if record.asFound == .fail { try session.alert(.calibrationFailed(record, consequence, plan.calendar)) }
            return consequence
        }
    }

    /// Keeps a reading at zero and span; a signal of its charts makes all since the last reading in order doubtful, which is
    /// counted and told by an alert.
    package func keep(_ reading: DriftReading, now: Instant) throws -> (DriftHistory.Entry?, CalibrationConsequence) {
        try transact(now: now) { session in
            try ManagementRecords.add(reading, in: session.writer)
            let own = try ManagementRecords.drift(in: session.writer).filter { $0.point == reading.point }
            let entry = DriftHistory(own).entries.first { $0.reading.time == reading.time }
            var consequence = CalibrationConsequence()
            if let entry, !entry.isInOrder {
                consequence = try self.consequence(
                    of: .point(reading.point), Instant(milliseconds: reading.time), raises: false, session)
            }
            session.journal(.driftRead(reading, entry, consequence, at: session.time))
            if let entry, !entry.isInOrder { try session.alert(.drifted(entry, consequence, plan.calendar)) }
            return (entry, consequence)
        }
    }

    /// What a failed check at an instant puts in doubt, with the nonconformity that follows it.
    private func consequence(
        of subject: Doubt.Subject, _ time: Instant, raises: Bool = true, _ session: RecordingSession
    ) throws -> CalibrationConsequence {
        var consequence = CalibrationConsequence()
        let doubt = try ManagementRecords.doubts(in: session.writer, now: session.time).first {
            $0.subject == subject && $0.stretch.end == time
        }
        guard let doubt else { return consequence }
        consequence.stretch = doubt.stretch
        let suspect = SuspectWindows(plan, [doubt])
        for index in plan.indicators.indices where !plan.indicators[index].isHidden {
            guard !suspect.stretches(of: index).isEmpty else { continue }
            var count = 0
            try session.writer.values(index, overlapping: doubt.stretch) { _ in count += 1 }
            if count > 0 { consequence.windows.append((plan.indicators[index].name, count)) }
        }
        for (index, objective) in plant.objectives.enumerated() {
            guard !suspect.stretches(of: objective.indicator).isEmpty else { continue }
            var count = 0
            try session.writer.verdicts(index, in: Window(start: .distantPast, end: .distantFuture)) {
                if $0.window.overlaps(doubt.stretch) { count += 1 }
            }
            if count > 0 { consequence.verdicts.append((objective.name, count)) }
        }
        if raises { consequence.nonconformity = try raise(doubt, session) }
        return consequence
    }

    private func raise(_ doubt: Doubt, _ session: RecordingSession) throws -> String {
        let meter = plant.register.instruments.first { $0.name == doubt.subject.name }
        func nonconformity(from start: Instant) -> Nonconformity {
            Nonconformity(
                failedCheckOf: doubt.subject.name, title: meter?.title,
                over: Window(start: start, end: doubt.stretch.end), at: session.time, configurationDigest: plant.digest)
        }
        var found = nonconformity(from: doubt.stretch.start)
        let earlier = try session.writer.nonconformities(objective: found.objective)
        if let known = earlier.first(where: { $0.raisedAt == found.raisedAt }) { return known.id }
        // What an earlier failed check put in doubt is followed already.
        let followed = earlier.map(\.raisedAt).filter { $0 < found.raisedAt }.max() ?? .distantPast
        found = nonconformity(from: max(doubt.stretch.start, followed))
        let year = NonconformityNumber.year(of: session.time, in: plan.calendar)
        found.id = NonconformityNumber(year: year, number: try session.writer.nextNumber(year: year)).text
        found.version = session.writer.version
        session.summary.nonconformities += 1
        try session.writer.put(found)
        session.journal(.raised(found, at: session.time))
        attention.nextReminder = .distantPast
        return found.id
    }
}
