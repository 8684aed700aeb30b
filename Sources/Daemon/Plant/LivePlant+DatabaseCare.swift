import Conformity
import Foundation
import Platform
import Recording
import Storage

/// The care of the record's files while the plant runs: disk, soundness, the journal's chain, and what is done where
/// they are damaged or gone.
extension LivePlant {
    /// Looks after the disk of the database every other second until ``beginStop()``; to be called on a thread of its
    /// own.
    func keepDisk() {
        let recording = recording
        let keeper = DiskKeeper(store, plant: { [self] in plant }, logger: logger) { alert in
            try recording.perform { [self] recorder in
                let now = now
                try recorder.note(
                    JournalEntry("disk.\(alert.event.rawValue)", at: now, alert.details), alert, now: now)
            }
        }
        while !isStopping {
            if let damage = recording.damage { beginAgain(damage) }
            lookAtFiles()
            keeper.look(now: now)
            _ = diskWake.wait(milliseconds: 2000)
        }
    }

    /// Seals days and signs heads as they fall due, until ``beginStop()``; to be called on a thread of its own.
    func keepHeads() {
        while !isStopping {
            let (plant, intake) = state.withLock { ($0.plant, $0.intake) }
            // By a clock that is wrong the day would be another.
            if intake.isClockBelieved {
                audit.look(now: intake.now, calendar: plant.plan.calendar, settle: recording.settle) { [self] in
                    isStopping
                }
            }
            _ = auditWake.wait(milliseconds: 2000)
        }
    }

    /// Notices that the files of the record were removed or replaced, says so, and sees to it that nothing is lost.
    private func lookAtFiles() {
        let steady = WallClock.steadyMilliseconds()
        if files.isEmptied { return beginAgain("it was emptied while emsd had it open") }
        let lost = files.lost
        guard !lost.isEmpty else {
            let isDue = state.withLock { state in
                defer { if steady >= state.nextMark { state.nextMark = steady + 60_000 } }
                return steady >= state.nextMark
            }
            if isDue { try? store.noteMark() }
            return
        }
        let loss =
            "\(lost.joined(separator: ", ")) was removed or replaced while emsd ran: the record is copied back to "
            + "\(store.directory) as soon as that can be written"
        let isNews = state.withLock { state in
            defer { if !state.losses.contains(loss) { state.losses.append(loss) } }
            return !state.losses.contains(loss)
        }
        if isNews {
            logger.error("\(loss)")
            let alert = RecordedAlert(lost: loss)
            let now = now
            try? recording.perform { recorder in
                try recorder.note(JournalEntry("database.lost", at: now, alert.details), alert, now: now)
            }
        }
        // As long as it cannot be written, the open files go on holding everything.
        guard store.canPutBack() else { return }
        let end = state.withLock { state -> (@Sendable () -> Void)? in
            if state.isRestarting || state.isStopping { return nil }
            state.isRestarting = true
            return state.endAll
        }
        end?()
    }

    /// What became of the record's files, for the plant that begins again.
    var loss: String? { state.withLock { $0.losses.last } }

    /// Checks a database that is too large to be checked before it is used; to be called on a thread of its own.
    func checkDatabase() {
        checkJournal()
        do {
            guard let check = try store.soundnessCheck() else { return }
            let isStopping = state.withLock { state in
                state.check = check
                return state.isStopping
            }
            if isStopping { return }
            logger.notice("the database was not closed properly and is being checked while it is used")
            if let damage = try check.run() {
                beginAgain(damage)
            } else {
                try store.noteSound()
                logger.notice("the database is sound")
            }
        } catch {
            if !isStopping { logger.error("the database cannot be checked now", metadata: ["error": "\(error)"]) }
        }
    }

    /// Checks the journal's chain, and the evidence by the digests of it; what does not fit is said, in the journal too.
    private func checkJournal() {
        do {
            if let fault = try ChainCheck(store).fault(isOver: { [self] in isStopping }) {
                try say(fault, event: "journal_broken", entry: "journal.broken")
            }
            guard !isStopping else { return }
            let damaged = try store.read { try $0.damagedEvidence() }
            for (id, faults) in damaged {
                let fault =
                    "the evidence of \(id) is damaged: \(faults.joined(separator: "; ")); nothing was repaired: compare "
                    + "it with a backup"
                try say(fault, event: "evidence_damaged", entry: "evidence.damaged")
            }
        } catch {
            if !isStopping { logger.error("the journal cannot be checked now", metadata: ["error": "\(error)"]) }
        }
    }

    /// Says what of the record is not as it was recorded: in the status, the log, the alerts and the journal.
    private func say(_ fault: String, event: String, entry: String) throws {
        state.withLock { $0.losses.append(fault) }
        logger.error("\(fault)")
        let alert = RecordedAlert(
            AlertEvent(rawValue: event), .critical, details: [.init("fault", .text(fault))], message: fault)
        let now = now
        try recording.perform { recorder in
            try recorder.note(JournalEntry(entry, at: now, alert.details), alert, now: now)
        }
    }

    // MARK: A damaged database

    /// Whether the plant has ended to begin again on a new database.
    var isRestarting: Bool { state.withLock { $0.isRestarting } }

    /// What ends all services of this plant.
    func endAll(by end: @escaping @Sendable () -> Void) { state.withLock { $0.endAll = end } }

    /// Ends everything in order, so that the damaged database is set aside and a new one goes on with what can be read.
    private func beginAgain(_ damage: String) {
        let end = state.withLock { state -> (@Sendable () -> Void)? in
            if state.isRestarting || state.isStopping { return nil }
            state.isRestarting = true
            return state.endAll
        }
        guard let end else { return }
        logger.error("the database is damaged and will be set aside", metadata: ["damage": "\(damage)"])
        do { try PlantStore.noteDamage(damage, in: store.directory) } catch {
            logger.error("that cannot be noted: \(error)")
        }
        end()
    }
}
