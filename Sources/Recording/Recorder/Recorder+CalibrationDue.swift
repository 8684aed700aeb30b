import Conformity
import Foundation
import ManagementSystem
import Metering
import RecordKeeping
import Storage

/// What falls due of checks, and what values say of the functions they go through (Rules 14).
extension Recorder {
    /// Says once that a calibration is due, and once a week that values leave the range of their function, in one
    /// transaction with the note that it was said.
    ///
    /// Live only, and by a clock that is believed. It looks at most once an hour, and where something is due sooner, then.
    func tellOfChecks(now: Instant) throws {
        guard isLive, now >= attention.nextCheck else { return }
        let (due, weeks, next) = try store.read { reader -> ([CalibrationRecord], [WeekAlarm], Instant) in
            let last = try lastChecks(reader)
            let due = try last.filter { check in
                guard let time = check.due, time <= now.milliseconds else { return false }
                return try reader.note(Recorder.key(ofDue: check.meter)) != Instant(milliseconds: time).text
            }
            let coming = last.compactMap(\.due).filter { $0 > now.milliseconds }.min() ?? .max
            return (due, try alarms(now: now, reader), Instant(milliseconds: min(coming, now.milliseconds + 3_600_000)))
        }
        if !due.isEmpty || !weeks.isEmpty {
            try transact(now: now, opens: false) { session in
                for check in due { try say(check, session) }
                for alarm in weeks { try say(alarm, session) }
            }
        }
        attention.nextCheck = next
    }

    /// The last check of each meter of the plant.
    private func lastChecks(_ reader: StoreReader) throws -> [CalibrationRecord] {
        let all = try ManagementRecords.calibrations(in: reader)
        return plant.register.instruments.compactMap { meter in all.last { $0.meter == meter.name } }
    }

    private func say(_ check: CalibrationRecord, _ session: RecordingSession) throws {
        guard let time = check.due.map(Instant.init(milliseconds:)) else { return }
        try session.writer.setNote(Recorder.key(ofDue: check.meter), time.text)
        session.journal(
            JournalEntry(
                "calibration.due", at: session.time,
                [.init("meter", .text(check.meter)), .init("due", .text(time.text))]))
        let last = plan.calendar.date(Instant(milliseconds: check.date)).text
        try session.alert(
            RecordedAlert(
                .calibrationDue, .warning,
                details: [.init("meter", .text(check.meter)), .init("due", .text(time.text))],
                message:
                    "the calibration of \(check.meter) is due since \(plan.calendar.date(time).text), the last one is of "
                    + "\(last): have it checked, then emsctl calibration add \(check.meter)"))
    }

    private static func key(ofDue meter: String) -> String { "calibration.due." + meter }

    // MARK: Weeks

    /// How long after its end a week is looked at: by then its last windows are closed.
    private static let weekDelay: Int64 = 6 * 3_600_000
    /// Weeks that ended longer ago are counted and not told any more.
    private static let oldest: Int64 = 35 * 86_400_000

    private struct WeekAlarm {
        var indicator: String
        /// How far the weeks were looked at.
        var end: Instant
        /// What they say; nil: nothing.
        var weeks: [RangeWeek]
    }

    private func alarms(now: Instant, _ reader: StoreReader) throws -> [WeekAlarm] {
        let weeks = RangeWeeks(plan, plant.register.functions, reader)
        let end = RangeWeeks.week(of: now - Recorder.weekDelay, in: plan.calendar).start
        return try weeks.indicators.compactMap { name in
            let seen = try reader.note(Recorder.key(ofWeeks: name)).flatMap(Instant.init) ?? .distantPast
            guard seen < end else { return nil }
            let news = try weeks.weeks(of: name, until: end).filter {
                $0.week.end > max(seen, now - Recorder.oldest) && $0.alarm != nil
            }
            return WeekAlarm(indicator: name, end: end, weeks: news)
        }
    }

    private func say(_ alarm: WeekAlarm, _ session: RecordingSession) throws {
        try session.writer.setNote(Recorder.key(ofWeeks: alarm.indicator), alarm.end.text)
        for week in alarm.weeks {
            guard let says = week.alarm else { continue }
            let details: [CanonicalJSON.Member] = [
                .init("indicator", .text(alarm.indicator)), .init("week", .text(week.week.start.text)),
                .init("windows", .integer(week.windows)), .init("outside", .integer(week.outside)),
                .init("says", .text(says.rawValue)),
            ]
            session.journal(JournalEntry("calibration.range", at: session.time, details))
            let monday = plan.calendar.date(week.week.start).text
            try session.alert(
                RecordedAlert(
                    .calibrationRange, .major, details: details,
                    message:
                        "\(alarm.indicator): \(week.outside) of \(week.windows) values of the week from \(monday) are outside "
                        + "the valid range of its calibration function (\(says.rawValue)): a new one is to be found (QAL2)"
                ))
        }
    }

    private static func key(ofWeeks indicator: String) -> String { "calibration.weeks." + indicator }
}
