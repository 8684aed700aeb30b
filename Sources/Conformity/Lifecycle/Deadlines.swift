import Metering

/// By when people have to answer a nonconformity, by its severity (Rules 10).
package struct Deadlines: Sendable, Hashable {
    /// The times of one severity, counted from when the nonconformity was known, in days of the site's calendar.
    package struct Times: Sendable, Hashable {
        package var acknowledge: CalendarLength
        package var cause: CalendarLength
        package var plan: CalendarLength
        package var close: CalendarLength
        /// Who is told besides from the second overdue reminder on.
        package var escalateTo: [String]

        /// Times, and nobody to escalate to.
        package init(
            acknowledge: CalendarLength, cause: CalendarLength, plan: CalendarLength, close: CalendarLength,
            escalateTo: [String] = []
        ) {
            self.acknowledge = acknowledge
            self.cause = cause
            self.plan = plan
            self.close = close
            self.escalateTo = escalateTo
        }

        /// What holds where nothing is configured.
        package static let usual = Times(
            acknowledge: CalendarLength(24, .hours), cause: CalendarLength(7, .days), plan: CalendarLength(14, .days),
            close: CalendarLength(90, .days))

        /// What holds for `minor` where nothing is configured: twice as long.
        package static let ofMinor = Times(
            acknowledge: CalendarLength(48, .hours), cause: CalendarLength(14, .days), plan: CalendarLength(28, .days),
            close: CalendarLength(180, .days))
    }

    package var minor = Times.ofMinor
    package var major = Times.usual
    package var critical = Times.usual

    /// The usual deadlines.
    package init() {}

    /// The times of a severity.
    package subscript(severity: Severity) -> Times {
        get {
            switch severity {
            case .minor: minor
            case .major: major
            case .critical: critical
            }
        }
        set {
            switch severity {
            case .minor: minor = newValue
            case .major: major = newValue
            case .critical: critical = newValue
            }
        }
    }
}

extension Severity {
    /// One higher; `critical` stays what it is.
    package var raised: Severity { self == .minor ? .major : .critical }
}

/// One thing that people have to do with a nonconformity, and by when.
package struct Deadline: Sendable, Hashable {
    /// What is to be done.
    package enum Matter: Sendable, Hashable {
        case acknowledge, cause, plan, close
        /// The planned action of that number.
        case action(Int)

        /// The word in journal and alerts: `cause`, `action 2`.
        package var text: String {
            switch self {
            case .acknowledge: "acknowledge"
            case .cause: "cause"
            case .plan: "plan"
            case .close: "close"
            case .action(let number): "action \(number)"
            }
        }
    }

    package var matter: Matter
    /// Whose it is; nil where nobody is named.
    package var owner: String?
    /// From when its time counts.
    package var start: Instant
    package var due: Instant
    /// When the day is over by which it is to be done; nil: it is to be done by `due`.
    package var over: Instant?

    /// Whether it was to be done by now.
    package func isOverdue(at now: Instant) -> Bool { over.map { now >= $0 } ?? (now > due) }

    /// For how long it has been overdue; nil: it is not.
    package func lateness(at now: Instant) -> Int64? { isOverdue(at: now) ? now - (over ?? due) : nil }

    /// By when it is to be done: a day, or a time of day with it.
    package func text(in calendar: SiteCalendar) -> String {
        over == nil ? calendar.text(due) : String(calendar.text(due).prefix(10))
    }
}

extension NonconformityLifecycle {
    /// What is due now, the next step first; empty where nothing is.
    ///
    /// `known` is when the daemon knew of it, `responsible` who answers for the objective.
    package func deadlines(
        known: Instant, _ times: Deadlines.Times, responsible: String?, in calendar: SiteCalendar
    ) -> [Deadline] {
        if state.isFinal { return [] }
        let anchor = reopenedAt ?? known
        func deadline(_ matter: Deadline.Matter, _ length: CalendarLength, from start: Instant) -> Deadline {
            Deadline(
                matter: matter, owner: responsible, start: start, due: calendar.instant(length, after: start))
        }
        let next: [Deadline] =
            switch state {
            case .open: [deadline(.acknowledge, times.acknowledge, from: known)]
            case .acknowledged: [deadline(.cause, times.cause, from: anchor)]
            case .analysed, .reopened: [deadline(.plan, times.plan, from: anchor)]
            case .planned: actions.filter { $0.doneBy == nil }.compactMap { $0.deadline(in: calendar) }
            default: []
            }
        return next + [deadline(.close, times.close, from: anchor)]
    }
}

extension NonconformityLifecycle.Action {
    /// By when it is done: it is due when its day begins, and overdue when that is over.
    fileprivate func deadline(in calendar: SiteCalendar) -> Deadline? {
        guard let day = CivilDate(due) else { return nil }
        return Deadline(
            matter: .action(number), owner: owner, start: plannedAt, due: calendar.start(of: day),
            over: calendar.start(of: CivilDate(dayNumber: day.dayNumber + 1)))
    }
}
