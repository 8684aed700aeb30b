import Metering
import Testing

@testable import Conformity

@Suite("Deadlines of a nonconformity, and what people are told of them")
struct ReminderTests {
    private let id = "NC-2026-0001"
    private static let stockholm = SiteCalendar(identifier: "Europe/Stockholm")

    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    /// All that is said of a deadline, looked at every so many milliseconds, each once it is said.
    private func said(
        of deadline: Deadline, from start: Instant, to end: Instant, every step: Int64, mark: ReminderMark? = nil
    ) throws -> [(word: String, time: Instant)] {
        let calendar = try #require(Self.stockholm)
        var mark = mark
        var said: [(String, Instant)] = []
        var now = start
        while now < end {
            if let reminder = Reminder.next(of: deadline, after: mark, now: now, in: calendar) {
                said.append((reminder.word, now))
                mark = reminder.mark
            }
            now = now + step
        }
        return said
    }

    @Test("once soon, once due, seven days daily, then weekly, at the same time of day over a change of the clock")
    func ladder() throws {
        let calendar = try #require(Self.stockholm)
        let start = try instant("2026-10-13T08:00:00Z")
        let deadline = Deadline(
            matter: .cause, owner: "anna", start: start, due: calendar.instant(CalendarLength(7, .days), after: start))
        let said = try said(of: deadline, from: start, to: start + 60 * 86_400_000, every: 1_800_000)
        #expect(
            said.map { "\($0.word) \($0.time)" } == [
                "due_soon 2026-10-18T14:00:00Z", "due 2026-10-20T08:00:00Z", "overdue 2026-10-21T08:00:00Z",
                "overdue 2026-10-22T08:00:00Z", "overdue 2026-10-23T08:00:00Z", "overdue 2026-10-24T08:00:00Z",
                // The clock goes back on the 25th: ten in the morning stays ten in the morning.
                "overdue 2026-10-25T09:00:00Z", "overdue 2026-10-26T09:00:00Z", "overdue 2026-10-27T09:00:00Z",
                "overdue 2026-11-03T09:00:00Z", "overdue 2026-11-10T09:00:00Z", "overdue 2026-11-17T09:00:00Z",
                "overdue 2026-11-24T09:00:00Z", "overdue 2026-12-01T09:00:00Z", "overdue 2026-12-08T09:00:00Z",
            ])
    }

    @Test("the next look is exactly when the next stage begins, and between the two nothing is said")
    func nextStage() throws {
        let calendar = try #require(Self.stockholm)
        let start = try instant("2026-03-20T08:00:00Z")
        for length in ["20s", "1h", "24h", "7d", "1mo"] {
            let deadline = Deadline(
                matter: .close, owner: nil, start: start,
                due: calendar.instant(try #require(CalendarLength(length)), after: start))
            var mark: ReminderMark?
            var now = start
            for stage in 1...14 {
                let next = deadline.nextStage(after: mark, now: now, in: calendar)
                #expect(next > now)
                #expect(Reminder.next(of: deadline, after: mark, now: next - 1, in: calendar) == nil)
                let reminder = try #require(Reminder.next(of: deadline, after: mark, now: next, in: calendar))
                #expect(reminder.stage == stage)
                #expect(reminder.isEscalated == (stage >= 4))
                (mark, now) = (reminder.mark, next)
            }
        }
    }

    @Test("after an absence the last stage is said and not all that passed; the next ones follow as ever")
    func absence() throws {
        let start = try instant("2026-01-01T00:00:00Z")
        let deadline = Deadline(matter: .plan, owner: nil, start: start, due: start + 14 * 86_400_000)
        let said = try said(of: deadline, from: start + 18 * 86_400_000, to: start + 20 * 86_400_000, every: 3_600_000)
        #expect(said.map(\.word) == ["overdue", "overdue"])
    }

    @Test("another owner or day begins anew, and the old one is not said any more")
    func anew() throws {
        let start = try instant("2026-01-01T00:00:00Z")
        let old = Deadline(matter: .action(1), owner: "anna", start: start, due: start + 4 * 86_400_000)
        let mark = ReminderMark(due: old.due.milliseconds, owner: "anna", stage: 5)
        #expect(try said(of: old, from: old.due, to: old.due + 86_400_000, every: 3_600_000, mark: mark).isEmpty)
        var other = old
        other.owner = "carl"
        #expect(
            try said(of: other, from: old.due, to: old.due + 86_400_000, every: 3_600_000, mark: mark).map(\.word)
                == ["due"])
        other = old
        other.due = start + 8 * 86_400_000
        #expect(
            try said(of: other, from: old.due, to: other.due + 1, every: 3_600_000, mark: mark).map(\.word)
                == ["due_soon", "due"])
    }

    @Test("what is to be done by a day is due all that day, and overdue from the next on")
    func wholeDay() throws {
        let calendar = try #require(Self.stockholm)
        let planned = try instant("2026-10-13T18:00:00Z")
        var life = NonconformityLifecycle(id: id, steps: [])
        for step in [
            LifecycleStep(.acknowledge, by: "anna", at: planned, text: "seen"),
            LifecycleStep(.cause, by: "anna", at: planned, text: "worn", category: .equipment),
            LifecycleStep(.action, by: "anna", at: planned, text: "new", owner: "eva", due: "2026-10-14"),
        ] { _ = try life.take(step) }
        let deadline = try #require(
            life.deadlines(known: planned, .usual, responsible: nil, in: calendar).first)
        #expect(deadline.text(in: calendar) == "2026-10-14")
        let said = try said(of: deadline, from: planned, to: planned + 3 * 86_400_000, every: 1_800_000)
        #expect(
            said.map { "\($0.word) \($0.time)" } == [
                "due_soon 2026-10-13T21:00:00Z", "due 2026-10-13T22:00:00Z", "overdue 2026-10-14T22:00:00Z",
                "overdue 2026-10-15T22:00:00Z",
            ])
        #expect(!deadline.isOverdue(at: try instant("2026-10-14T21:59:59Z")))
        #expect(deadline.lateness(at: try instant("2026-10-15T00:00:00Z")) == 2 * 3_600_000)
    }

    @Test("what is due follows the state: first the next step, then the closing")
    func matters() throws {
        let calendar = try #require(Self.stockholm)
        let known = try instant("2026-06-01T06:00:00Z")
        var life = NonconformityLifecycle(id: id)
        func due(_ life: NonconformityLifecycle) -> [String] {
            life.deadlines(known: known, .usual, responsible: "anna", in: calendar).map {
                "\($0.matter.text) \($0.owner ?? "-") \($0.due)"
            }
        }
        let close = "close anna 2026-08-30T06:00:00Z"
        #expect(due(life) == ["acknowledge anna 2026-06-02T06:00:00Z", close])
        func take(_ step: LifecycleStep) throws { _ = try life.take(step) }
        try take(LifecycleStep(.acknowledge, by: "anna", at: known + 1, text: "seen"))
        #expect(due(life) == ["cause anna 2026-06-08T06:00:00Z", close])
        try take(LifecycleStep(.cause, by: "anna", at: known + 2, text: "worn", category: .equipment))
        #expect(due(life) == ["plan anna 2026-06-15T06:00:00Z", close])
        let planned = known + 3
        for owner in ["carl", "eva"] {
            try take(LifecycleStep(.action, by: "anna", at: planned, text: "new", owner: owner, due: "2026-07-01"))
        }
        let of = { (number: Int, owner: String) in "action \(number) \(owner) 2026-06-30T22:00:00Z" }
        #expect(due(life) == [of(1, "carl"), of(2, "eva"), close])
        try take(LifecycleStep(.done, by: "carl", at: known + 4, text: "done", action: 1))
        #expect(due(life) == [of(2, "eva"), close])
        try take(LifecycleStep(.done, by: "eva", at: known + 5, text: "done", action: 2))
        #expect(due(life) == [close])
        // A reopening sets new times: what was planned did not hold.
        let reopened = try instant("2026-07-10T06:00:00Z")
        try take(LifecycleStep(.reopen, by: "emsd", at: reopened, text: "failed"))
        #expect(due(life) == ["plan anna 2026-07-24T06:00:00Z", "close anna 2026-10-08T06:00:00Z"])
        try take(LifecycleStep(.reject, by: "anna", at: reopened + 1, text: "none"))
        #expect(due(life).isEmpty)
    }
}
