/// How many requests of each kind the daemon answers at a time, so that no number of readers takes from the record what
/// its recorder, its alerts and the other readers need.
package struct AnswerTurnstiles: Sendable {
    /// Answers that were made whole and wait for their clients.
    package let waiting: WaitingAnswers
    /// Answers that are sent while they are read, as long as their reader takes.
    package let listings = Turnstile("long listings", places: 4)
    /// Answers that are read whole before they are sent.
    package let questions: Turnstile
    /// The metrics, which are large: one at a time is soon made.
    package let scrapes: Turnstile
    /// What changes the record.
    package let changes = Turnstile("changes", places: 4, queue: 16, patience: .seconds(10))
    /// What takes its time: asking a line, copying the database.
    package let longRequests: Turnstile
    /// Streams of events.
    package let followers = Turnstile("followers of the alerts", places: 32, queue: 0)

    /// All of them open.
    package init(waiting: WaitingAnswers = WaitingAnswers()) {
        self.waiting = waiting
        questions = Turnstile("questions", places: 4, queue: 64, patience: .seconds(5), behind: waiting)
        scrapes = Turnstile("scrapes", places: 1, queue: 64, patience: .seconds(5), behind: waiting)
        longRequests = Turnstile("scans, probes and backups", places: 2, queue: 2, behind: waiting)
    }
}
