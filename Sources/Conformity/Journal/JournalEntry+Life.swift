import Metering

extension JournalEntry {
    /// Somebody took a step: `nc.ack`, `nc.cause` and so on, `nc.reopened`.
    package static func step(_ step: LifecycleStep, of id: String, state: NonconformityState) -> JournalEntry {
        var members: [CanonicalJSON.Member] = [
            .init("id", .text(id)), .init("by", .text(step.by)), .init("text", .text(step.text)),
            .init("state", .text(state.rawValue)),
        ]
        func add(_ key: String, _ value: CanonicalJSON?) { if let value { members.append(.init(key, value)) } }
        add("category", step.category.map { .text($0.rawValue) })
        add("code", step.code.map { .text($0.rawValue) })
        add("action", step.action.map { .integer($0) })
        add("owner", step.owner.map { .text($0) })
        add("due", step.due.map { .text($0) })
        add("effective_when", step.effectiveWhen.map { .text($0) })
        add("evidence", step.evidence.map { .list($0.map { .text($0) }) })
        add("files", step.files.map { .list($0.map { .text($0) }) })
        add("account", step.account.map { .text($0) })
        add("no_action", step.isNoAction.map { .flag($0) })
        add("data_fault", step.isDataFault.map { .flag($0) })
        add("other", step.other.map { .text($0) })
        add(step.kind == .hold ? "until" : "at", step.instant.map { .text(Instant(milliseconds: $0).text) })
        add("control", step.control.map { .text($0) })
        add("comparable", step.comparable.map { .text($0) })
        add("operating", step.operating.map { .number(Double($0) / 1000) })
        add("similar", step.similar.map { .list($0.map(\.canonical)) })
        add("case", step.item.map { .integer($0) })
        add("affected", step.isAffected.map { .flag($0) })
        return JournalEntry("nc.\(step.kind.rawValue)", at: step.time, members)
    }

    /// People were reminded of what is due: `nc.due_soon`, `nc.due`, `nc.overdue`.
    package static func reminder(
        _ reminder: Reminder, of id: String, escalatedTo: [String], at time: Instant
    ) -> JournalEntry {
        JournalEntry(
            "nc.\(reminder.word)", at: time,
            [
                .init("id", .text(id)), .init("what", .text(reminder.deadline.matter.text)),
                .init("due", .text(reminder.deadline.due.text)), .init("owner", .text(reminder.deadline.owner)),
                .init("reminder", .integer(reminder.stage)),
                .init("escalated_to", .list(escalatedTo.map { .text($0) })),
            ])
    }
}

extension SimilarCase {
    /// The case as JSON.
    package var canonical: CanonicalJSON {
        .object([
            .init("objective", .text(objective)), .init("meters", .list(meters.map { .text($0) })),
            .init("likeness", .list(likeness.map { .text($0.rawValue) })),
            .init("nonconformities", .list(nonconformities.map { .text($0) })),
            .init("windows_not_met", .integer(windowsNotMet)),
        ])
    }
}
