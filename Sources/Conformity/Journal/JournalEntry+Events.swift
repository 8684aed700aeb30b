import Indicators
import Metering

extension JournalEntry {
    /// A nonconformity got its number and was raised, with the objective as configured and the digest of its evidence.
    package static func raised(_ nonconformity: Nonconformity, at time: Instant) -> JournalEntry {
        JournalEntry(
            "nc.opened", at: time, episode(nonconformity) + [.init("definition", .text(nonconformity.definition))])
    }

    /// A nonconformity's episode ended, or was put right by a revision (then with the remark).
    package static func cleared(_ nonconformity: Nonconformity, at time: Instant) -> JournalEntry {
        JournalEntry("nc.cleared", at: time, episode(nonconformity))
    }

    /// A revision made an episode go otherwise: what was on record, and what is now.
    package static func revised(
        _ nonconformity: Nonconformity, from old: Nonconformity, at time: Instant
    ) -> JournalEntry {
        let before: [CanonicalJSON.Member] = [
            .init("raised_at", .text(old.raisedAt.text)), .init("cleared_at", .text(old.clearedAt?.text)),
            .init("peak", .number(old.peak)), .init("limit", .number(old.limit)), .init("remark", .text(old.remark)),
            .init("evidence", .text(old.evidenceDigest)),
        ]
        return JournalEntry("nc.revised", at: time, episode(nonconformity) + [.init("before", .object(before))])
    }

    /// A closed window got another value: both are kept, with the reason.
    package static func revision(
        of indicator: String, from old: IndicatorValue, to new: IndicatorValue, reason: String, at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "value.revised", at: time,
            [
                .init("indicator", .text(indicator)), .init("start", .text(new.window.start.text)),
                .init("end", .text(new.window.end.text)), .init("revision", .integer(new.revision)),
                .init("reason", .text(reason)), .init("before", value(old)), .init("after", value(new)),
            ])
    }

    /// A revision changed the verdict about a window.
    package static func revision(
        of objective: String, from old: JudgedWindow, to new: JudgedWindow, at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "verdict.revised", at: time,
            [
                .init("objective", .text(objective)), .init("start", .text(new.window.start.text)),
                .init("end", .text(new.window.end.text)), .init("before", verdict(old)), .init("after", verdict(new)),
            ])
    }

    /// Verdicts stayed what they were while what they show followed a revision, a running sum most of all: one line for
    /// all of them, with the last.
    package static func restated(
        _ objective: String, from first: Window, windows: Int, last old: JudgedWindow, as new: JudgedWindow,
        at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "verdict.restated", at: time,
            [
                .init("objective", .text(objective)), .init("start", .text(first.start.text)),
                .init("end", .text(new.window.end.text)), .init("windows", .integer(windows)),
                .init("before", verdict(old)), .init("after", verdict(new)),
            ])
    }

    /// What the counter rules decided about a reading that did not simply continue.
    package static func ledger(_ entry: LedgerEntry, point: String, at time: Instant) -> JournalEntry {
        JournalEntry(
            "ledger.entry", at: time,
            [
                .init("point", .text(point)), .init("reading", .text(entry.time.text)),
                .init("entry", .text(entry.verdict.text)), .init("advance", .number(entry.advance)),
                .init("last_suspect", .text(entry.lastSuspect.text)),
            ])
    }

    /// A revision replaced or withdrew a decision of the counter rules.
    package static func ledgerWithdrawn(_ entry: LedgerEntry, point: String, at time: Instant) -> JournalEntry {
        var withdrawn = ledger(entry, point: point, at: time)
        withdrawn.type = "ledger.withdrawn"
        return withdrawn
    }

    /// Recorded readings were taken in from files, by the rules of the configuration of that digest; only those that
    /// changed what is stored are counted.
    package static func imported(
        at time: Instant, files: [String], configuration: String, readings: Int, _ account: ImportAccount? = nil
    ) -> JournalEntry {
        var members: [CanonicalJSON.Member] = [
            .init("files", .list(files.map { .text($0) })), .init("configuration", .text(configuration)),
            .init("readings", .integer(readings)),
        ]
        if let account {
            members += [
                .init("by", .text(account.by)), .init("reason", .text(account.reason)),
                .init("first", .text(account.first?.text)), .init("last", .text(account.last?.text)),
            ]
        }
        return JournalEntry("import", at: time, members)
    }

    /// A person entered a figure, in place of what stood there at that time, if anything.
    package static func entered(
        _ reading: Reading, of point: String, insteadOf old: Reading?, by: String, reason: String, at time: Instant
    ) -> JournalEntry {
        func said(_ reading: Reading) -> CanonicalJSON {
            .object([
                .init("value", reading.isUsable ? .number(reading.value) : .null),
                .init("quality", .text(reading.quality.text)),
            ])
        }
        return JournalEntry(
            "reading.entered", at: time,
            [
                .init("point", .text(point)), .init("at", .text(reading.time.text)),
                .init("before", old.map(said) ?? .null),
                .init("after", said(reading)), .init("by", .text(by)), .init("reason", .text(reason)),
            ])
    }

    private static func episode(_ nonconformity: Nonconformity) -> [CanonicalJSON.Member] {
        [
            .init("id", .text(nonconformity.id)), .init("objective", .text(nonconformity.objectiveName)),
            .init("severity", .text(nonconformity.severity.rawValue)), .init("onset", .text(nonconformity.onset.text)),
            .init("raised_at", .text(nonconformity.raisedAt.text)),
            .init("cleared_at", .text(nonconformity.clearedAt?.text)), .init("peak", .number(nonconformity.peak)),
            .init("limit", .number(nonconformity.limit)), .init("unit", .text(nonconformity.unit)),
            .init("recurrence_of", .text(nonconformity.recurrenceOf)), .init("remark", .text(nonconformity.remark)),
            .init("configuration", .text(nonconformity.configurationDigest)),
            .init("evidence", .text(nonconformity.evidenceDigest)),
        ] + (nonconformity.kind == .breach ? [] : [.init("kind", .text(nonconformity.kind.rawValue))])
    }

    private static func value(_ value: IndicatorValue) -> CanonicalJSON {
        .object([
            .init("value", .number(value.value)), .init("status", .text(value.status.text)),
            .init("coverage", .number(value.coverage)), .init("flags", .list(value.flags.words.map { .text($0) })),
        ])
    }

    private static func verdict(_ judged: JudgedWindow) -> CanonicalJSON {
        .object([
            .init("verdict", .text(judged.verdict.text)), .init("value", .number(judged.value)),
            .init("limit", .number(judged.limit)),
        ])
    }
}
