import Conformity
import Foundation
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Reminds people of what they have to do with nonconformities and checks, and by when: what has become due soon, due or
    /// overdue is said once, in one transaction with the note that it was (Rules 10).
    ///
    /// Live only, and by a clock that is believed. Between two reminders it costs nothing; after a change only what changed
    /// is looked at, for a recomputation may raise hundreds.
    package func remind(now: Instant) throws {
        try tellOfChecks(now: now)
        let isAllDue = now >= attention.nextReminder
        guard isLive, isAllDue || !attention.changed.isEmpty else { return }
        let (due, next) = try store.read { reader in
            let lives =
                try isAllDue
                ? reader.livesAtWork() : attention.changed.sorted().compactMap { try reader.nonconformity($0) }
            return try remindersDue(lives, now: now, reader)
        }
        if !due.isEmpty {
            try transact(now: now, opens: false) { session in
                for one in due { try say(one, session) }
            }
        }
        attention.nextReminder = isAllDue ? next : min(next, attention.nextReminder)
        attention.changed = []
    }

    /// Has a nonconformity looked at by the next ``remind(now:)``. Only a running daemon, which reminds, keeps its number.
    func lookAtSoon(_ id: String) {
        if isLive { attention.changed.insert(id) }
    }

    /// What is to be said now of some nonconformities, and when to look again.
    private func remindersDue(
        _ lives: [Nonconformity], now: Instant, _ reader: StoreReader
    ) throws -> ([DueReminder], next: Instant) {
        var due: [DueReminder] = []
        var next = Instant.distantFuture
        for found in lives {
            let life = try reader.life(of: found.id)
            if life.state == .closed || life.state == .rejected { continue }
            if let end = life.holdUntil, end > now {
                next = min(next, end)
                continue
            }
            let marks = try reader.reminderMarks(of: found.id)
            let deadlines = life.deadlines(of: found, plant.deadlines, in: plan.calendar)
            for deadline in deadlines {
                let mark = marks[deadline.matter.text]
                next = min(next, deadline.nextStage(after: mark, now: now, in: plan.calendar))
                if let reminder = Reminder.next(of: deadline, after: mark, now: now, in: plan.calendar) {
                    due.append(DueReminder(found: found, life: life, reminder: reminder))
                }
            }
        }
        return (due, next)
    }

    private func say(_ due: DueReminder, _ session: RecordingSession) throws {
        var marks = try session.writer.reminderMarks(of: due.found.id)
        marks[due.reminder.deadline.matter.text] = due.reminder.mark
        try session.writer.put(marks, of: due.found.id)
        let severity = due.life.severity(of: due.found)
        let escalated = due.reminder.isEscalated ? plant.deadlines[severity].escalateTo : []
        session.journal(.reminder(due.reminder, of: due.found.id, escalatedTo: escalated, at: session.time))
        try session.alert(due.alert(severity, escalatedTo: escalated, store.names, plan.calendar))
    }
}

/// What the recorder remembers between two looks at what people have to do; forgotten, it is found out again.
struct AttentionMemory {
    /// When somebody is to be reminded next; the distant past: that is to be found out.
    var nextReminder = Instant.distantPast
    /// The numbers of nonconformities that were raised since, or had a step.
    fileprivate(set) var changed: Set<String> = []
    /// When open windows are looked at next.
    var nextForecast = Instant.distantPast
    /// When checks of meters are looked at next.
    var nextCheck = Instant.distantPast
    var operation = OperationMemory()
}

/// A reminder with what it is about.
private struct DueReminder {
    var found: Nonconformity
    var life: NonconformityLifecycle
    var reminder: Reminder

    func alert(
        _ severity: Severity, escalatedTo: [String], _ names: StoreNames, _ calendar: SiteCalendar
    ) -> RecordedAlert {
        let deadline = reminder.deadline
        let subject = AlertLine.ObjectiveFacts(found, in: names)
        let whose = deadline.owner.map { " (\($0))" } ?? ""
        let time = deadline.text(in: calendar)
        let told = escalatedTo.isEmpty ? "" : "; also for \(escalatedTo.joined(separator: ", "))"
        let words = [
            "due_soon": "is due soon, by \(time)", "due": "is due, by \(time)", "overdue": "is overdue since \(time)",
        ]
        let next = life.nextStep.map { "; next: \($0)" } ?? ""
        return RecordedAlert(
            AlertEvent(rawValue: "nonconformity_\(reminder.word)"),
            reminder.stage <= 1 ? .info : reminder.stage == 2 ? .warning : AlertSeverity(severity), subject: subject,
            details: [
                .init("what", .text(deadline.matter.text)), .init("due", .text(deadline.due.text)),
                .init("owner", .text(deadline.owner)), .init("reminder", .integer(reminder.stage)),
                .init("escalated_to", .list(escalatedTo.map { .text($0) })),
            ],
            message:
                "\(subject.title ?? subject.objective): \(deadline.matter.text)\(whose) \(words[reminder.word] ?? "")"
                + told + next)
    }
}

extension StoreReader {
    /// How far people were reminded of a nonconformity, by what is due.
    fileprivate func reminderMarks(of id: String) throws -> [String: ReminderMark] {
        guard let text = try note("reminders." + id) else { return [:] }
        return try JSONDecoder().decode([String: ReminderMark].self, from: Data(text.utf8))
    }
}

extension StoreWriter {
    fileprivate func put(_ marks: [String: ReminderMark], of id: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try setNote("reminders." + id, String(decoding: try encoder.encode(marks), as: UTF8.self))
    }
}
