import Conformity
import Metering
import Storage

/// An alert before it knows the journal's hash, the site and the time.
package struct RecordedAlert {
    package var event: AlertEvent
    package var severity: AlertSeverity
    package var subject: AlertLine.ObjectiveFacts?
    package var details: [CanonicalJSON.Member]
    package var message: String

    /// An alert with a sentence for whoever is woken by it.
    package init(
        _ event: AlertEvent, _ severity: AlertSeverity, subject: AlertLine.ObjectiveFacts? = nil,
        details: [CanonicalJSON.Member] = [], message: String
    ) {
        self.event = event
        self.severity = severity
        self.subject = subject
        self.details = details
        self.message = message
    }
}

/// One transaction of the recorder: the writer, and the journal as it grows.
///
/// ```
/// try store.write { writer in
///     let session = try RecordingSession(writer, site: "works", calendar: calendar, now: now, clock: { now })
///     session.journal(entry)
///     try session.alert(alert)  // has the hash of the line before
///     try session.finish { session in try conclude(session.findings, session.pending, in: session) }
/// }
/// ```
package final class RecordingSession {
    /// Writes by the version of the configuration in force, or for a while by an earlier one.
    package var writer: StoreWriter
    package let calendar: SiteCalendar
    /// The wall clock, live; nil in replay.
    package let now: Instant?
    package var summary = RecordingSummary()
    /// Whether all that was held is stored with it.
    package var isAllTaken = true
    /// Whether what is to be computed again has become more, and is stored when the transaction ends.
    package var keepsQueue = false
    /// Whether how far the engine has come is worth a write, whatever else was done.
    package var keepsClock = false
    /// What judging found, waiting to be numbered in order; what stands here when the transaction ends is concluded then.
    package var findings: [ObjectiveFinding] = []
    /// What revisions left to compute and to judge again; what stands here when the transaction ends is done then.
    package var pending = PendingRevisions()
    /// Whether what is in doubt is judged again once everything is computed that waits, and not within the transaction.
    package var judgesLater = false
    private let site: String
    private let clock: () -> Instant
    private var chain: JournalChain
    private var lines: [JournalRecord] = []

    package init(
        _ writer: StoreWriter, site: String, calendar: SiteCalendar, now: Instant?, clock: @escaping () -> Instant
    ) throws {
        self.writer = writer
        self.site = site
        self.calendar = calendar
        self.now = now
        self.clock = clock
        let head = try writer.journalHead()
        chain = JournalChain(sequence: head.seq, hash: head.hash)
    }

    /// When it happens: the wall clock live, the readings' clock in replay.
    package var time: Instant { now ?? max(clock(), Instant(milliseconds: 0)) }

    /// Adds a line to the journal, dated ``time``.
    package func journal(_ entry: JournalEntry) {
        var entry = entry
        entry.time = time
        keepsClock = true
        let line = chain.append(entry)
        lines.append(JournalRecord(seq: line.sequence, time: entry.time, line: line.text, hash: line.hash))
    }

    /// Puts an alert into the outbox, with the journal's hash as it is now.
    package func alert(_ alert: RecordedAlert) throws {
        var line = AlertLine(
            time: time, event: alert.event, site: site, severity: alert.severity, subject: alert.subject,
            details: alert.details, message: alert.message, journal: chain.hash)
        // Whoever keeps the line keeps the head with it.
        line.head = try writer.newestHead().map { AlertLine.SignedRoot(size: $0.size, root: $0.root) }
        try writer.enqueueAlert(
            time: line.time, severity: line.severity.rawValue, json: line.json, text: line.text(in: calendar))
        summary.alerts += 1
    }

    /// Ends the transaction, which is not possible before nothing pends: `settle` concludes what was found and judges
    /// again what was revised; then the journal's last lines are written.
    package func finish(settling settle: (RecordingSession) throws -> Void) throws {
        try self.settle(by: settle)
        try writeJournal()
    }

    /// Settles until nothing pends.
    package func settle(by settle: (RecordingSession) throws -> Void) throws {
        while !findings.isEmpty || !pending.isEmpty { try settle(self) }
    }

    /// Writes the journal's new lines, where there are many: a large batch has tens of thousands.
    package func relieve() throws { if lines.count >= 1000 { try writeJournal() } }

    private func writeJournal() throws {
        try writer.appendJournal(lines)
        lines = []
    }
}
