import Metering

/// What an alert line is about.
package struct AlertEvent: RawRepresentable, Sendable, Hashable {
    /// The word in the line.
    package var rawValue: String

    /// The event of a word.
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let nonconformityRaised = AlertEvent(rawValue: "nonconformity_raised")
    package static let nonconformityCleared = AlertEvent(rawValue: "nonconformity_cleared")
    package static let nonconformityReopened = AlertEvent(rawValue: "nonconformity_reopened")
    /// The objective of one that lasted was taken out.
    package static let nonconformityWithdrawn = AlertEvent(rawValue: "nonconformity_withdrawn")
    package static let warning = AlertEvent(rawValue: "warning")
    package static let meterLost = AlertEvent(rawValue: "meter_lost")
    package static let meterBack = AlertEvent(rawValue: "meter_back")
    package static let linkLost = AlertEvent(rawValue: "link_lost")
    package static let linkBack = AlertEvent(rawValue: "link_back")
    /// Another master asks on a serial line.
    package static let foreignMaster = AlertEvent(rawValue: "foreign_master")
    /// A gateway does not echo the numbers of requests.
    package static let linkUnnumbered = AlertEvent(rawValue: "link_unnumbered")
    /// A device goes on refusing registers that are configured.
    package static let registerRefused = AlertEvent(rawValue: "register_refused")
    /// A device gives registers that it had refused.
    package static let registerAccepted = AlertEvent(rawValue: "register_accepted")
    package static let counterSuspect = AlertEvent(rawValue: "counter_suspect")
    /// A meter failed its check as it was found.
    package static let calibrationFailed = AlertEvent(rawValue: "calibration_failed")
    /// The calibration of a meter is due.
    package static let calibrationDue = AlertEvent(rawValue: "calibration_due")
    /// Too many values of a week are outside the valid range of their calibration function.
    package static let calibrationRange = AlertEvent(rawValue: "calibration_range")
    package static let clockStep = AlertEvent(rawValue: "clock_step")
    /// The wall clock cannot be right, or stands before what is on record.
    package static let clockDoubted = AlertEvent(rawValue: "clock_doubted")
    /// The wall clock is taken as it stands again.
    package static let clockBelieved = AlertEvent(rawValue: "clock_believed")
    /// A damaged database was renamed, and a new one begun.
    package static let databaseSetAside = AlertEvent(rawValue: "database_set_aside")
    /// What could be read of a damaged database is part of the new one.
    package static let databaseSalvaged = AlertEvent(rawValue: "database_salvaged")
    package static let diskLow = AlertEvent(rawValue: "disk_low")
    package static let diskOK = AlertEvent(rawValue: "disk_ok")
    /// An open window can no longer keep its limit at the present rate.
    package static let forecast = AlertEvent(rawValue: "forecast")
    package static let started = AlertEvent(rawValue: "started")
    package static let stopped = AlertEvent(rawValue: "stopped")

    /// A step that somebody took: `nonconformity_<step>`.
    package static func nonconformity(_ step: LifecycleStep.Kind) -> AlertEvent {
        AlertEvent(rawValue: "nonconformity_\(step.rawValue)")
    }
}

/// One line of the alert files, but for its number, which each file gives itself.
package struct AlertLine: Sendable, Hashable {
    /// What a line about an objective has besides.
    package struct ObjectiveFacts: Sendable, Hashable {
        /// The nonconformity's number; nil where the line is a warning.
        package var id: String?
        package var objective: String
        package var title: String?
        package var indicator: String
        package var window: Window
        package var value: Double?
        package var limit: Double?
        package var unit: String?

        /// What the line is about.
        package init(
            id: String?, objective: String, title: String?, indicator: String, window: Window, value: Double?,
            limit: Double?, unit: String?
        ) {
            self.id = id
            self.objective = objective
            self.title = title
            self.indicator = indicator
            self.window = window
            self.value = value
            self.limit = limit
            self.unit = unit
        }
    }

    /// What a signed head says of the journal.
    package struct SignedRoot: Sendable, Hashable {
        package var size: Int
        /// In base64.
        package var root: String

        /// A head over so many lines.
        package init(size: Int, root: String) { (self.size, self.root) = (size, root) }
    }

    package var time: Instant
    package var event: AlertEvent
    /// The site's name.
    package var site: String
    package var severity: AlertSeverity
    /// Nil for lines about the plant itself.
    package var subject: ObjectiveFacts?
    /// What else belongs to the event (`meter`, `link`, `by` …), written before the message.
    package var details: [CanonicalJSON.Member]
    /// One sentence for the person who is woken by it.
    package var message: String
    /// The journal's hash at that time.
    package var journal: String
    /// The newest signed head then: how many lines it covers, and its root in base64; nil: none was signed.
    package var head: SignedRoot?

    /// A line.
    package init(
        time: Instant, event: AlertEvent, site: String, severity: AlertSeverity, subject: ObjectiveFacts? = nil,
        details: [CanonicalJSON.Member] = [], message: String, journal: String
    ) {
        self.time = time
        self.event = event
        self.site = site
        self.severity = severity
        self.subject = subject
        self.details = details
        self.message = message
        self.journal = journal
    }

    /// The line as JSON without `seq`, as it waits in the database.
    package var json: String {
        var members: [CanonicalJSON.Member] = [
            .init("time", .text(time.text)), .init("event", .text(event.rawValue)), .init("site", .text(site)),
        ]
        if let subject {
            members += [
                .init("id", .text(subject.id)), .init("objective", .text(subject.objective)),
                .init("title", .text(subject.title)),
            ]
        }
        members.append(.init("severity", .text(severity.rawValue)))
        if let subject {
            members += [
                .init("indicator", .text(subject.indicator)), .init("start", .text(subject.window.start.text)),
                .init("end", .text(subject.window.end.text)), .init("value", .number(subject.value)),
                .init("limit", .number(subject.limit)), .init("unit", .text(subject.unit)),
            ]
        }
        members += details
        members += [.init("message", .text(message)), .init("journal", .text(journal))]
        if let head {
            members.append(
                .init("head", .object([.init("size", .integer(head.size)), .init("root", .text(head.root))])))
        }
        return CanonicalJSON.object(members).canonicalText
    }

    /// The line of a JSON file: ``json`` with the file's own number in front.
    package static func numbered(_ json: String, sequence: Int) -> String {
        "{\"seq\":\(sequence)," + ShownText.json(json).dropFirst()
    }

    /// The line of a text file: local time with its offset, severity, id or `-`, message, one blank between.
    package func text(in calendar: SiteCalendar) -> String {
        ShownText("\(calendar.text(time)) \(severity.rawValue) \(subject?.id ?? "-") \(message)").text
    }
}
