import Conformity
import Indicators
import Metering
import Storage

/// What the recorder tells the people who are on duty.
extension RecordedAlert {
    /// A counter whose reading could not be believed.
    package static func counterSuspect(_ entry: LedgerEntry, point: PointDefinition, calendar: SiteCalendar)
        -> RecordedAlert
    {
        RecordedAlert(
            .counterSuspect, .warning, details: [.init("point", .text(point.name))],
            message: "\(point.name): the reading at \(calendar.text(entry.time)) does not continue the counter; "
                + "it is held back until the next readings decide (emsctl ledger \(point.name))")
    }

    /// A window on the wrong side of `warn`, or of a budget's forecast.
    package static func warning(_ judged: JudgedWindow, objective: ObjectiveAtWork) -> RecordedAlert {
        RecordedAlert(
            .warning, .warning, subject: objective.subject(nil, judged.window, judged.value, judged.limit),
            message: objective.words.warning(judged))
    }

    /// A nonconformity was raised.
    package static func raised(_ nonconformity: Nonconformity, _ episode: Episode, objective: ObjectiveAtWork)
        -> RecordedAlert
    {
        let again = nonconformity.recurrenceOf.map { "; again after \($0)" } ?? ""
        return RecordedAlert(
            .nonconformityRaised, AlertSeverity(nonconformity.severity),
            subject: objective.subject(nonconformity, until: nonconformity.raisedAt),
            message: objective.words.raised(episode) + again)
    }

    /// A nonconformity's condition cleared: with the value that cleared it, the limit now and the one it was raised on, and
    /// the two times.
    package static func cleared(_ nonconformity: Nonconformity, objective: ObjectiveAtWork) -> RecordedAlert {
        let now = objective.words.limitsNow(nonconformity).map { CanonicalJSON.number($0) }
        return RecordedAlert(
            .nonconformityCleared, AlertSeverity(nonconformity.severity),
            subject: objective.subject(nonconformity, until: nonconformity.clearedAt ?? nonconformity.raisedAt),
            details: [
                .init("cleared_by", .number(nonconformity.windows.last?.value)),
                .init("limit_now", now.count == 1 ? now[0] : .list(now)),
                .init("limit_at_raising", .number(nonconformity.limitAtRaising)),
                .init("seconds_not_met", .number(Double(nonconformity.timeNotMet) / 1000)),
                .init("seconds_until_cleared", .number(nonconformity.timeUntilCleared.map { Double($0) / 1000 })),
            ],
            message: objective.words.cleared(nonconformity))
    }

    /// A revision found that a nonconformity lasts which was thought to be over.
    package static func reopened(_ nonconformity: Nonconformity, _ episode: Episode, objective: ObjectiveAtWork)
        -> RecordedAlert
    {
        RecordedAlert(
            .nonconformityReopened, AlertSeverity(nonconformity.severity),
            subject: objective.subject(nonconformity, until: nonconformity.raisedAt),
            message: objective.words.appended(episode) + "; late or corrected readings brought that to light")
    }

    /// Somebody took a step with a nonconformity, or the daemon reopened it.
    ///
    /// `severity` is that it is treated with.
    package static func step(
        _ step: LifecycleStep, of nonconformity: Nonconformity, _ severity: Severity, in names: StoreNames
    ) -> RecordedAlert {
        let subject = AlertLine.ObjectiveFacts(nonconformity, in: names)
        let said = step.text.isEmpty ? "" : ": \(step.text)"
        // People's steps are news, not alarms; a reopening is the trouble once more.
        let isTrouble = [.reopen, .raise, .systemic].contains(step.kind)
        let title = subject.title ?? subject.objective
        let what = step.kind == .raise ? "\(nonconformity.kind.rawValue) nonconformity raised" : step.kind.rawValue
        return RecordedAlert(
            step.kind == .raise ? .nonconformityRaised : .nonconformity(step.kind),
            isTrouble ? AlertSeverity(severity) : .info,
            subject: subject,
            details: [.init("by", .text(step.by))] + (step.other.map { [.init("other", .text($0))] } ?? []),
            message: "\(title): \(what) by \(step.by)\(said)")
    }

    /// A revision found that a nonconformity never was.
    package static func putRight(_ nonconformity: Nonconformity, objective: ObjectiveAtWork) -> RecordedAlert {
        RecordedAlert(
            .nonconformityCleared, AlertSeverity(nonconformity.severity),
            subject: objective.subject(nonconformity, until: nonconformity.raisedAt),
            message: objective.words.putRight(nonconformity))
    }
}

extension AlertLine.ObjectiveFacts {
    /// A nonconformity with what its objective is called; that may have gone from the configuration since.
    package init(_ found: Nonconformity, in names: StoreNames) {
        let objective = names.objectives.first { $0.name == found.objectiveName }
        self.init(
            id: found.id, objective: found.objectiveName, title: found.title ?? objective?.title,
            indicator: objective?.indicator ?? "",
            window: Window(start: found.onset, end: found.clearedAt ?? found.raisedAt),
            value: found.peak, limit: found.limit, unit: found.unit)
    }
}

extension ObjectiveAtWork {
    /// What says things about this objective in plain words.
    fileprivate var words: PlainWords { PlainWords(definition, indicator: indicator, calendar: calendar) }

    fileprivate func subject(_ nonconformity: Nonconformity, until end: Instant) -> AlertLine.ObjectiveFacts {
        subject(
            nonconformity.id, Window(start: nonconformity.onset, end: end), nonconformity.peak, nonconformity.limit)
    }

    fileprivate func subject(_ id: String?, _ window: Window, _ value: Double?, _ limit: Double?)
        -> AlertLine.ObjectiveFacts
    {
        AlertLine.ObjectiveFacts(
            id: id, objective: name, title: definition.title, indicator: indicator.name, window: window,
            value: value, limit: limit, unit: definition.shownUnit(indicator, at: window.start))
    }
}
