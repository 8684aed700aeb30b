import Conformity
import ManagementSystem
import Metering

/// What a check of a meter, or of a point of it, makes doubtful.
package struct CalibrationConsequence: Sendable {
    /// Since when and until when; nil: nothing is doubtful.
    package var stretch: Window?
    /// By indicator, how many windows overlap that time.
    package var windows: [(indicator: String, count: Int)] = []
    /// By objective, how many verdicts.
    package var verdicts: [(objective: String, count: Int)] = []
    /// The data nonconformity that was raised.
    package var nonconformity: String?

    /// Nothing is doubtful.
    package init() {}

    /// How many windows in all.
    package var windowCount: Int { windows.map(\.count).reduce(0, +) }
    /// How many verdicts in all.
    package var verdictCount: Int { verdicts.map(\.count).reduce(0, +) }
}

extension JournalEntry {
    /// A check of a meter was entered.
    package static func calibrated(
        _ record: CalibrationRecord, _ consequence: CalibrationConsequence, at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "calibration.added", at: time,
            [
                .init("meter", .text(record.meter)), .init("date", .text(Instant(milliseconds: record.date).text)),
                .init("due", .text(record.due.map { Instant(milliseconds: $0).text })),
                .init("as_found", .text(record.asFound.rawValue)), .init("certificate", .text(record.certificate)),
                .init("sha256", .text(record.digest)), .init("by", .text(record.by)),
            ] + consequence.members)
    }

    /// A reading at zero and span was entered.
    package static func driftRead(
        _ reading: DriftReading, _ entry: DriftHistory.Entry?, _ consequence: CalibrationConsequence, at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "drift.read", at: time,
            [
                .init("point", .text(reading.point)),
                .init("read_at", .text(Instant(milliseconds: reading.time).text)),
                .init("zero", .number(reading.zero)), .init("span", .number(reading.span)),
                .init("zero_reference", .number(reading.zeroReference)),
                .init("span_reference", .number(reading.spanReference)),
                .init("deviation", .number(reading.deviation)),
                .init("zero_says", .text(entry?.zero.conclusion.words)),
                .init("span_says", .text(entry?.span.conclusion.words)),
                .init("by", .text(reading.by)),
            ] + consequence.members)
    }
}

extension CalibrationConsequence {
    fileprivate var members: [CanonicalJSON.Member] {
        [
            .init("suspect_from", .text(stretch?.start.text)),
            .init("suspect_windows", .integer(windowCount)), .init("suspect_verdicts", .integer(verdictCount)),
            .init("nonconformity", .text(nonconformity)),
        ]
    }

    fileprivate func words(_ calendar: SiteCalendar) -> String {
        guard let stretch else { return "nothing on record rests on it" }
        return "its readings since \(calendar.text(stretch.start)) are in doubt, with \(windowCount) windows and "
            + "\(verdictCount) verdicts"
    }
}

extension RecordedAlert {
    /// A meter failed its check as found.
    package static func calibrationFailed(
        _ record: CalibrationRecord, _ consequence: CalibrationConsequence, _ calendar: SiteCalendar
    ) -> RecordedAlert {
        let raised = consequence.nonconformity.map { "; \($0) follows it" } ?? ""
        let day = calendar.date(Instant(milliseconds: record.date)).text
        return RecordedAlert(
            .calibrationFailed, .major,
            details: [
                .init("meter", .text(record.meter)), .init("nonconformity", .text(consequence.nonconformity)),
                .init("suspect_from", .text(consequence.stretch?.start.text)),
            ],
            message: "\(record.meter) failed its check of \(day): \(consequence.words(calendar)) "
                + "(emsctl calibration suspect \(record.meter))" + raised)
    }

    /// A reading at zero and span is out of order.
    package static func drifted(
        _ entry: DriftHistory.Entry, _ consequence: CalibrationConsequence, _ calendar: SiteCalendar
    ) -> RecordedAlert {
        let point = entry.reading.point
        let says = [("zero", entry.zero.conclusion), ("span", entry.span.conclusion)].filter { $0.1 != .none }
            .map { "\($0.0): \($0.1.words)" }.joined(separator: "; ")
        let raised = consequence.nonconformity.map { "; the adjustment before did not hold: \($0) follows it" } ?? ""
        return RecordedAlert(
            .calibrationFailed, consequence.nonconformity == nil ? .warning : .major,
            details: [
                .init("point", .text(point)), .init("nonconformity", .text(consequence.nonconformity)),
                .init("suspect_from", .text(consequence.stretch?.start.text)),
            ],
            message: "\(point), \(says): \(consequence.words(calendar)) (emsctl qal3 chart \(point))" + raised)
    }
}
