import Conformity
import Indicators
import Metering

/// What the recorder writes into the journal (Rules 11); the session sets the time.
extension JournalEntry {
    /// A decision about a counter.
    static func ledger(_ entry: LedgerEntry, point: PointDefinition) -> JournalEntry {
        JournalEntry("ledger.entry", at: entry.time, ledgerMembers(entry, point))
    }

    /// A decision that a late reading made void.
    static func ledgerWithdrawn(_ entry: LedgerEntry, point: PointDefinition) -> JournalEntry {
        JournalEntry("ledger.withdrawn", at: entry.time, ledgerMembers(entry, point))
    }

    private static func ledgerMembers(_ entry: LedgerEntry, _ point: PointDefinition) -> [CanonicalJSON.Member] {
        [
            .init("point", .text(point.name)), .init("at", .text(entry.time.text)),
            .init("until", .text(entry.lastSuspect.text)), .init("entry", .text(entry.verdict.text)),
            .init("advance", .number(entry.advance)),
        ]
    }

    /// A value that replaces another of the same window.
    static func revised(
        _ old: IndicatorValue, to new: IndicatorValue, of indicator: IndicatorDefinition, reason: String
    ) -> JournalEntry {
        JournalEntry(
            "indicator.revised", at: new.window.end,
            [
                .init("indicator", .text(indicator.name)), .init("start", .text(new.window.start.text)),
                .init("end", .text(new.window.end.text)), .init("revision", .integer(new.revision)),
                .init("reason", .text(reason)), .init("before", snapshot(old)), .init("after", snapshot(new)),
            ])
    }

    private static func snapshot(_ value: IndicatorValue) -> CanonicalJSON {
        .object([
            .init("value", .number(value.value)), .init("status", .text(value.status.text)),
            .init("coverage", .number(value.coverage)), .init("flags", .list(value.flags.words.map { .text($0) })),
        ])
    }

    /// A nonconformity that was raised, with its evidence.
    static func raised(_ nonconformity: Nonconformity) -> JournalEntry {
        let windows = nonconformity.windows.map { window in
            CanonicalJSON.object([
                .init("start", .text(Instant(milliseconds: window.start).text)),
                .init("end", .text(Instant(milliseconds: window.end).text)), .init("verdict", .text(window.verdict)),
                .init("value", .number(window.value)), .init("limit", .number(window.limit)),
                .init("coverage", .number(window.coverage)), .init("status", .text(window.status)),
            ])
        }
        return JournalEntry(
            "nc.opened", at: nonconformity.raisedAt,
            members(nonconformity) + [
                .init("recurrence_of", .text(nonconformity.recurrenceOf)),
                .init("definition", .text(nonconformity.definition)),
                .init("configuration", .text(nonconformity.configurationDigest)), .init("windows", .list(windows)),
            ])
    }

    /// A nonconformity whose condition cleared.
    static func cleared(_ nonconformity: Nonconformity) -> JournalEntry {
        JournalEntry("nc.cleared", at: nonconformity.clearedAt ?? nonconformity.raisedAt, members(nonconformity))
    }

    /// A nonconformity that a revision changed; what was believed before is in the same line.
    static func changed(_ before: Nonconformity, to after: Nonconformity) -> JournalEntry {
        JournalEntry(
            "nc.revised", at: after.raisedAt,
            [
                .init("id", .text(after.id)), .init("before", .object(members(before))),
                .init("after", .object(members(after))),
            ])
    }

    private static func members(_ nonconformity: Nonconformity) -> [CanonicalJSON.Member] {
        [
            .init("id", .text(nonconformity.id)), .init("objective", .text(nonconformity.objective)),
            .init("severity", .text(nonconformity.severity.rawValue)),
            .init("condition", .text(nonconformity.condition.rawValue)), .init("remark", .text(nonconformity.remark)),
            .init("onset", .text(nonconformity.onset.text)), .init("raised_at", .text(nonconformity.raisedAt.text)),
            .init("cleared_at", .text(nonconformity.clearedAt?.text)), .init("peak", .number(nonconformity.peak)),
            .init("limit", .number(nonconformity.limit)), .init("unit", .text(nonconformity.unit)),
        ]
    }
}

/// What the recorder tells the people who are on duty.
extension RecordedAlert {
    /// A counter whose reading could not be believed.
    static func counterSuspect(_ entry: LedgerEntry, point: PointDefinition, calendar: SiteCalendar) -> RecordedAlert {
        RecordedAlert(
            .counterSuspect, .warning, details: [.init("point", .text(point.name))],
            message: "\(point.name): the reading at \(calendar.text(entry.time)) does not continue the counter; "
                + "it is held back until the next readings decide (emsctl ledger \(point.name))")
    }

    /// A window on the wrong side of `warn`.
    static func warning(_ judged: JudgedWindow, desk: ObjectiveDesk) -> RecordedAlert {
        let objective = desk.definition
        let unit = objective.shownUnit(desk.indicator)
        return RecordedAlert(
            .warning, .warning, subject: subject(desk, id: nil, judged.window, judged.value, judged.limit),
            message: "\(objective.title ?? objective.name): warning at \(quantity(judged.value, unit)), "
                + "limit \(quantity(judged.limit, unit))")
    }

    /// A nonconformity was raised.
    static func raised(_ nonconformity: Nonconformity, desk: ObjectiveDesk, calendar: SiteCalendar) -> RecordedAlert {
        let objective = desk.definition
        let again = nonconformity.recurrenceOf.map { ", again after \($0)" } ?? ""
        return RecordedAlert(
            .nonconformityRaised, AlertSeverity(objective.severity), subject: subject(nonconformity, desk),
            message: "\(objective.title ?? objective.name): not met since \(calendar.text(nonconformity.onset)), worst "
                + "\(quantity(nonconformity.peak, nonconformity.unit)), limit "
                + "\(quantity(nonconformity.limit, nonconformity.unit))\(again)")
    }

    /// A nonconformity's condition cleared, or a revision put it right.
    static func cleared(_ nonconformity: Nonconformity, desk: ObjectiveDesk, calendar: SiteCalendar) -> RecordedAlert {
        let objective = desk.definition
        let end = nonconformity.clearedAt.map { calendar.text($0) } ?? "now"
        let how = nonconformity.remark == "revised" ? "put right by revised values" : "met again from \(end)"
        return RecordedAlert(
            .nonconformityCleared, AlertSeverity(objective.severity), subject: subject(nonconformity, desk),
            message: "\(objective.title ?? objective.name): \(how), not met since "
                + "\(calendar.text(nonconformity.onset)), worst \(quantity(nonconformity.peak, nonconformity.unit)), "
                + "limit \(quantity(nonconformity.limit, nonconformity.unit))")
    }

    private static func subject(_ nonconformity: Nonconformity, _ desk: ObjectiveDesk) -> AlertLine.Subject {
        let window = Window(start: nonconformity.onset, end: nonconformity.clearedAt ?? nonconformity.raisedAt)
        return subject(desk, id: nonconformity.id, window, nonconformity.peak, nonconformity.limit)
    }

    private static func subject(
        _ desk: ObjectiveDesk, id: String?, _ window: Window, _ value: Double?, _ limit: Double?
    ) -> AlertLine.Subject {
        AlertLine.Subject(
            id: id, objective: desk.definition.name, title: desk.definition.title, indicator: desk.indicator.name,
            window: window, value: value, limit: limit, unit: desk.definition.shownUnit(desk.indicator))
    }

    private static func quantity(_ number: Double?, _ unit: String?) -> String {
        guard let number else { return "nothing" }
        let text = CanonicalJSON.text(of: (number * 1000).rounded() / 1000)
        return unit.map { "\(text) \($0)" } ?? text
    }
}

extension Nonconformity {
    /// The number of the nonconformity that is the `count`th of a local year: `NC-2026-0001`.
    static func number(_ count: Int, year: Int) -> String {
        let digits = String(count)
        return "NC-\(year)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
