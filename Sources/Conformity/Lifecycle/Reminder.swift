import Metering

/// How far people have been reminded of a deadline: kept with the record, so that no stage is said twice.
package struct ReminderMark: Sendable, Hashable, Codable {
    /// The deadline, in milliseconds since 1970: another one begins anew.
    package var due: Int64
    /// Whose it was: another one begins anew.
    package var owner: String?
    /// The last stage that was said; 0: none.
    package var stage: Int
}

/// What is said of a deadline at one time: once it is due soon, once it is due, then each day, and after a week each week (Rules 10).
package struct Reminder: Sendable, Hashable {
    package var deadline: Deadline
    /// 1: due soon, 2: due, from 3: overdue for the first, second … time.
    package var stage: Int

    /// Whether more people are told: from the second overdue one on.
    package var isEscalated: Bool { stage >= 4 }

    /// The word in journal and alert: `due_soon`, `due`, `overdue`.
    package var word: String { stage <= 1 ? "due_soon" : stage == 2 ? "due" : "overdue" }

    /// The mark once it is said.
    package var mark: ReminderMark {
        ReminderMark(due: deadline.due.milliseconds, owner: deadline.owner, stage: stage)
    }

    /// What is to be said now of a deadline; nil: nothing that was not said. Stages that passed while nobody could be told
    /// are not made up for: the last one is said.
    package static func next(
        of deadline: Deadline, after mark: ReminderMark?, now: Instant, in calendar: SiteCalendar
    ) -> Reminder? {
        let stage = deadline.stage(at: now, in: calendar)
        return stage > deadline.stage(of: mark) ? Reminder(deadline: deadline, stage: stage) : nil
    }
}

extension Deadline {
    private static let day: Int64 = 86_400_000

    /// When the next stage begins after those that were said, or that have passed by now.
    package func nextStage(after mark: ReminderMark?, now: Instant, in calendar: SiteCalendar) -> Instant {
        instant(ofStage: max(stage(at: now, in: calendar), stage(of: mark)) + 1, in: calendar)
    }

    /// The stage that a mark stands for; that of another date or owner stands for none.
    fileprivate func stage(of mark: ReminderMark?) -> Int {
        guard let mark, mark.due == due.milliseconds, mark.owner == owner else { return 0 }
        return mark.stage
    }

    /// The stage that is reached at an instant; 0: none.
    fileprivate func stage(at now: Instant, in calendar: SiteCalendar) -> Int {
        if now < due { return now >= soon ? 1 : 0 }
        var passed: Int64
        if isInDays {
            passed = Int64(calendar.date(now).dayNumber - calendar.date(due).dayNumber)
            // The day is not over before the time of day is.
            while passed > 0, calendar.instant(CalendarLength(Int(passed), .days), after: due) > now { passed -= 1 }
        } else {
            passed = (now - due) / (due - start)
        }
        return passed <= 7 ? 2 + Int(passed) : 9 + Int((passed - 7) / 7)
    }

    /// When a stage begins, from 1.
    private func instant(ofStage stage: Int, in calendar: SiteCalendar) -> Instant {
        if stage <= 1 { return soon }
        if stage == 2 { return due }
        let count = stage <= 9 ? stage - 2 : 7 + 7 * (stage - 9)
        if isInDays { return calendar.instant(CalendarLength(count, .days), after: due) }
        return due + Int64(count) * (due - start)
    }

    /// Three quarters of the time have passed.
    private var soon: Instant { start + (due - start) / 4 * 3 }

    /// Whether reminders are days apart: a deadline of less than a day is said again after its own length, but what is to be
    /// done by a day is not overdue on that day.
    private var isInDays: Bool { over != nil || due - start >= Deadline.day || due <= start }
}
