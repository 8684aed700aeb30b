import Conformity
import RecordKeeping
import Storage

/// What was read around a nonconformity stays: of all points of its area, from before the onset until it cleared (Rules 10).
extension Recorder {
    /// Notes what is kept for a nonconformity as it is now; what a revision put right keeps nothing.
    func keepFlight(of found: Nonconformity, _ session: RecordingSession) throws {
        let indicator = objectives.first { $0.name == found.objectiveName }?.definition.indicator
        try session.writer.keepReadings(
            of: plant.pointsKept(for: found, judgedBy: indicator), from: found.keptFrom,
            until: found.clearedAt ?? found.withdrawnAt, for: found.id)
    }
}
