import Conformity
import Indicators
import ManagementSystem
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Keeps a check of a meter; one that failed as found makes all since the last good one doubtful, which is counted, told
    /// by an alert, and raised as a nonconformity of the kind `data` (Rules 14).
    ///
    /// `counted` is what ``CheckConsequences`` found; nil: it is counted here, while the recorder waits.
    package func keep(
        _ record: CalibrationRecord, counted: CalibrationConsequence? = nil, now: Instant
    ) throws -> CalibrationConsequence {
        defer { attention.nextCheck = .distantPast }
        return try transact(now: now) { session in
            try ManagementRecords.add(record, in: session.writer)
            let doubt = try ManagementRecords.doubts(in: session.writer, now: session.time).of(
                .meter(record.meter), until: record.date)
            var consequence = try consequence(of: doubt, counted, session)
            if let doubt { consequence.nonconformity = try raise(doubt, session) }
            session.journal(.calibrated(record, consequence, at: session.time))
            if record.asFound == .fail { try session.alert(.calibrationFailed(record, consequence, plan.calendar)) }
            return consequence
        }
    }

    /// Keeps a reading at zero and span; a signal of its charts makes all since the last reading in order doubtful, which is
    /// counted and told by an alert. A second one soon after says that the adjustment did not hold: a nonconformity of the
    /// kind `data` is raised over what both put in doubt (Rules 14).
    ///
    /// `counted` is what ``CheckConsequences`` found; nil: it is counted here, while the recorder waits.
    package func keep(
        _ reading: DriftReading, counted: CalibrationConsequence? = nil, now: Instant
    ) throws -> (DriftHistory.Entry?, CalibrationConsequence) {
        try transact(now: now) { session in
            try ManagementRecords.add(reading, in: session.writer)
            let own = try ManagementRecords.drift(in: session.writer).filter { $0.point == reading.point }
            let entry = DriftHistory(own).entries.first { $0.reading.time == reading.time }
            let doubts = try ManagementRecords.doubts(in: session.writer, now: session.time)
            let doubt = doubts.of(.point(reading.point), until: reading.time)
            var consequence = try consequence(of: doubt, counted, session)
            if let doubt, let earlier = try signal(before: entry, session) {
                var both = doubt
                if let first = doubts.of(doubt.subject, until: earlier) { both.stretch.start = first.stretch.start }
                consequence.nonconformity = try raise(both, session)
            }
            session.journal(.driftRead(reading, entry, consequence, at: session.time))
            if let entry, !entry.isInOrder { try session.alert(.drifted(entry, consequence, plan.calendar)) }
            return (entry, consequence)
        }
    }

    /// When the signal was given that an adjustment followed which did not hold; nil where this is none, or its meter passed
    /// a check in between.
    private func signal(before entry: DriftHistory.Entry?, _ session: RecordingSession) throws -> Int64? {
        guard let entry, let earlier = entry.repeats else { return nil }
        let meter = entry.reading.point.split(separator: ".").first.map(String.init)
        let isSound = try ManagementRecords.calibrations(in: session.writer).contains {
            $0.meter == meter && $0.asFound == .pass && $0.date > earlier && $0.date <= entry.reading.time
        }
        return isSound ? nil : earlier
    }

    /// What a doubt takes in: as it was counted before, where nothing else was entered meanwhile.
    private func consequence(
        of doubt: Doubt?, _ counted: CalibrationConsequence?, _ session: RecordingSession
    ) throws -> CalibrationConsequence {
        if let counted, counted.stretch == doubt?.stretch { return counted }
        return try CheckConsequences(plant, session.writer, now: session.time).counted(doubt)
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
        lookAtSoon(found.id)
        return found.id
    }
}
