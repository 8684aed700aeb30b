import Conformity
import DatabaseFile
import Evidence
import Foundation
import LiveRecording
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage
import Synchronization

/// Watches the files of the record while the plant runs: room on the disk, soundness, the journal's chain; where they are
/// damaged or gone it sees to it that nothing is lost, and that the plant begins again on a new database.
final class RecordWatch: Sendable {
    private struct State {
        /// The check of a large database, as long as it runs.
        var check: SoundnessCheck?
        /// What is missing of the record, or became of its files, in sentences.
        var losses: [String]
        var nextMark: Int64 = 0
    }

    /// Milliseconds between two looks, and between two marks of how far the record is.
    private static let (round, interval): (Int64, Int64) = (2000, 60_000)

    private let store: PlantStore
    /// The files of the database as they were opened.
    private let files: OpenFiles
    private let recording: RecordingThread
    private let lifecycle: PlantLifecycle
    private let now: @Sendable () -> Instant
    private let steady: @Sendable () -> Int64
    private let logger: Logger
    private let wake = MonotonicSemaphore()
    private let state: Mutex<State>

    /// A watch over a store's files, with what is known to be missing already; `now` dates what is recorded.
    init(
        _ store: PlantStore, losses: [String], recording: RecordingThread, lifecycle: PlantLifecycle,
        now: @escaping @Sendable () -> Instant, logger: Logger,
        steady: @escaping @Sendable () -> Int64 = WallClock.steadyMilliseconds
    ) {
        self.store = store
        files = store.openFiles()
        self.recording = recording
        self.lifecycle = lifecycle
        self.now = now
        self.steady = steady
        self.logger = logger
        state = Mutex(State(losses: losses))
    }

    /// What is missing of the record, or became of its files, in sentences.
    var losses: [String] { state.withLock { $0.losses } }

    /// Looks after the disk every other second until the plant ends; to be called on a thread of its own.
    ///
    /// `plant` is the one in force.
    func run(_ plant: @escaping @Sendable () -> Plant) {
        let keeper = DiskKeeper(store, plant: plant, logger: logger) { [self] alert in
            try note("disk.\(alert.event.rawValue)", alert)
        }
        while !lifecycle.isStopping {
            if let damage = recording.damage { beginAgain(damage) }
            lookAtFiles()
            keeper.look(now: now())
            _ = wake.wait(milliseconds: RecordWatch.round)
        }
    }

    /// The plant ends: what is being checked is not waited for.
    func end() {
        state.withLock { $0.check }?.end()
        wake.signal()
    }

    /// Records an alert and the line of the journal that says the same.
    private func note(_ type: String, _ alert: RecordedAlert) throws {
        try recording.perform { [self] recorder in
            let now = now()
            try recorder.note(JournalEntry(type, at: now, alert.details), alert, now: now)
        }
    }

    // MARK: Files

    /// Notices that the files of the record were removed or replaced, says so, and sees to it that nothing is lost.
    func lookAtFiles() {
        if files.isEmptied { return beginAgain("it was emptied while emsd had it open") }
        let lost = files.lost
        guard !lost.isEmpty else { return markRecord() }
        let loss =
            "\(lost.joined(separator: ", ")) was removed or replaced while emsd ran: the record is copied back to "
            + "\(store.directory) as soon as that can be written"
        let isNews = state.withLock { state in
            defer { if !state.losses.contains(loss) { state.losses.append(loss) } }
            return !state.losses.contains(loss)
        }
        if isNews {
            logger.error("\(loss)")
            try? note("database.lost", RecordedAlert(lost: loss))
        }
        // As long as it cannot be written, the open files go on holding everything.
        if store.canPutBack() { lifecycle.beginAgain()?() }
    }

    /// Once a minute, notes beside the database how far the record is.
    private func markRecord() {
        let steady = steady()
        let isDue = state.withLock { state in
            defer { if steady >= state.nextMark { state.nextMark = steady + RecordWatch.interval } }
            return steady >= state.nextMark
        }
        if isDue { try? store.noteMark() }
    }

    /// Closes the database; one whose files lost their names is copied back first.
    func close() throws {
        try? store.noteMark()
        if files.lost.contains(store.path), store.canPutBack() {
            try store.closeAndPutBack()
        } else {
            try store.close()
        }
    }

    // MARK: Soundness

    /// Checks the journal and the evidence, and a database that is too large to be checked before it is used; to be called on a
    /// thread of its own.
    func check() {
        checkJournal()
        do {
            guard let check = try store.soundnessCheck() else { return }
            state.withLock { $0.check = check }
            // Who ended it meanwhile did not meet it.
            if lifecycle.isStopping { return }
            logger.notice("the database was not closed properly and is being checked while it is used")
            if let damage = try check.run() {
                beginAgain(damage)
            } else {
                try store.noteSound()
                logger.notice("the database is sound")
            }
        } catch {
            if !lifecycle.isStopping {
                logger.error("the database cannot be checked now", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Checks the journal's chain, and the evidence by the digests of it; what does not fit is said, in the journal too.
    private func checkJournal() {
        do {
            if let fault = try JournalWalk(store).fault(isOver: { [self] in lifecycle.isStopping }) {
                try say(fault, event: "journal_broken", entry: "journal.broken")
            }
            guard !lifecycle.isStopping else { return }
            let damaged = try store.read { try $0.damagedEvidence() }
            for (id, faults) in damaged {
                let fault =
                    "the evidence of \(id) is damaged: \(faults.joined(separator: "; ")); nothing was repaired: compare "
                    + "it with a backup"
                try say(fault, event: "evidence_damaged", entry: "evidence.damaged")
            }
        } catch {
            if !lifecycle.isStopping {
                logger.error("the journal cannot be checked now", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Says what of the record is not as it was recorded: in the status, the log, the alerts and the journal.
    private func say(_ fault: String, event: String, entry: String) throws {
        state.withLock { $0.losses.append(fault) }
        logger.error("\(fault)")
        try note(
            entry,
            RecordedAlert(
                AlertEvent(rawValue: event), .critical, details: [.init("fault", .text(fault))], message: fault))
    }

    /// Ends everything in order, so that the damaged database is set aside and a new one goes on with what can be read.
    private func beginAgain(_ damage: String) {
        guard let end = lifecycle.beginAgain() else { return }
        logger.error("the database is damaged and will be set aside", metadata: ["damage": "\(damage)"])
        do { try PlantStore.noteDamage(damage, in: store.directory) } catch {
            logger.error("that cannot be noted: \(error)")
        }
        end()
    }
}
