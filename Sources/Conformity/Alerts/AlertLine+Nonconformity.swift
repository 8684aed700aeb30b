import Metering

extension AlertLine {
    /// The line that a nonconformity is raised: the stretch is its row, value and limit are its peak's.
    package static func raised(
        _ nonconformity: Nonconformity, _ episode: Episode, _ words: PlainWords, site: String, at time: Instant,
        journal: String
    ) -> AlertLine {
        let window = Window(start: episode.onset, end: episode.raisedAt)
        var message = words.raised(episode)
        if let first = nonconformity.recurrenceOf { message += "; repeats \(first)" }
        return line(.nonconformityRaised, nonconformity, window, words, site, time, message, journal)
    }

    /// The line that a nonconformity's episode ended, or was put right by a revision: the stretch is the whole episode.
    package static func cleared(
        _ nonconformity: Nonconformity, _ episode: Episode, _ words: PlainWords, site: String, at time: Instant,
        journal: String
    ) -> AlertLine {
        let end = nonconformity.clearedAt ?? episode.clearedAt ?? episode.raisedAt
        let message = nonconformity.isPutRight ? words.putRight(nonconformity) : words.cleared(episode)
        return line(
            .nonconformityCleared, nonconformity, Window(start: episode.onset, end: end), words, site, time, message,
            journal)
    }

    /// The line that somebody took a step, or that the daemon reopened it.
    package static func step(
        _ step: LifecycleStep, of nonconformity: Nonconformity, _ words: PlainWords, site: String, journal: String
    ) -> AlertLine {
        let end = nonconformity.clearedAt ?? nonconformity.raisedAt
        let message = "\(words.title): \(step.kind.rawValue) by \(step.by): \(step.text)"
        var line = line(
            .nonconformity(step.kind), nonconformity, Window(start: nonconformity.onset, end: end), words, site,
            step.time, message, journal)
        // People's steps are news, not alarms; a reopening is the trouble once more.
        if step.kind != .reopen { line.severity = .info }
        line.details = [.init("by", .text(step.by))]
        return line
    }

    /// The line that a window gave a warning.
    package static func warning(
        _ judged: JudgedWindow, _ words: PlainWords, site: String, at time: Instant, journal: String
    ) -> AlertLine {
        AlertLine(
            time: time, event: .warning, site: site, severity: .warning,
            subject: Subject(
                id: nil, objective: words.objective.name, title: words.objective.title, indicator: words.indicator.name,
                window: judged.window, value: judged.value, limit: judged.limit, unit: words.unit),
            message: words.warning(judged), journal: journal)
    }

    private static func line(
        _ event: AlertEvent, _ nonconformity: Nonconformity, _ window: Window, _ words: PlainWords, _ site: String,
        _ time: Instant, _ message: String, _ journal: String
    ) -> AlertLine {
        AlertLine(
            time: time, event: event, site: site, severity: AlertSeverity(nonconformity.severity),
            subject: Subject(
                id: nonconformity.id, objective: nonconformity.objective, title: words.objective.title,
                indicator: words.indicator.name, window: window, value: nonconformity.peak, limit: nonconformity.limit,
                unit: nonconformity.unit), message: message, journal: journal)
    }
}
