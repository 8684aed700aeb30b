import ConfigurationSource
import Conformity
import Evidence
import LiveRecording
import Logging
import Metering
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage
import Synchronization

/// Seals each local day once it is over, and signs a head of the journal: at midnight, at a stop, and when asked.
///
/// It works beside the recorder, which only writes its lines. Without a key days are sealed and nothing is signed.
final class AuditKeeper: Sendable {
    private struct State {
        /// Whether it was told to end.
        var isEnding = false
        /// What is to stay free on the disk.
        var keptFree = KeptSpace()
        /// The day that was looked at: within it nothing is to be done. A clock that is set back leaves it too.
        var day: Window?
        /// After a failure: when to try again, by the monotonic clock.
        var retry: Int64 = 0
        /// Why no head can be signed, as was told; nil: all is well.
        var fault: String?
    }

    /// Writes a line into the journal, with an alert and something else in the same transaction, after all that came in
    /// before.
    typealias Note =
        @Sendable (JournalEntry, RecordedAlert?, @escaping @Sendable (StoreWriter) throws -> Void) throws -> Void

    private let store: PlantStore
    private let heads: HeadKeeper
    private let wake = MonotonicSemaphore()
    private let logger: Logger
    private let note: Note
    private let state = Mutex(State())
    /// One at a time: two heads at once could not both extend the last one.
    private let signing = Mutex(())

    /// A keeper of the store's seals and heads.
    init(_ store: PlantStore, logger: Logger, heads: HeadKeeper? = nil, note: @escaping Note) {
        self.store = store
        self.heads = heads ?? HeadKeeper(store)
        self.logger = logger
        self.note = note
    }

    /// Why no head can be signed, as a sentence; nil where that is not so.
    var fault: String? { state.withLock { $0.fault } }

    private var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Whether the disk is not low: while it is, room is made, which a long reading would hold up.
    private var hasRoom: Bool {
        guard let seen = DiskSpace(of: store.directory) else { return true }
        return seen.free >= state.withLock { $0.keptFree }.bytes(of: seen.total)
    }

    /// Does what falls due, until ``end()``; to be called on a thread of its own.
    func run(intake: Intake, settle: () -> Void, plant: () -> Plant) {
        var rounds = 0
        while !isEnding {
            let plant = plant()
            state.withLock { $0.keptFree = plant.storage.keepFree }
            // By a clock that is wrong the day would be another.
            if intake.isClockBelieved, hasRoom {
                look(now: intake.now, calendar: plant.plan.calendar, settle: settle)
                rounds += 1
                if rounds % 30 == 0 { noteDeletions(now: intake.now) }
            }
            // The end may have come while a day was sealed, where it ended a wait of its own.
            if !isEnding { _ = wake.wait(milliseconds: 2000) }
        }
    }

    /// Lets ``run(intake:settle:plant:)`` end, between two lines at the latest.
    func end() {
        state.withLock { $0.isEnding = true }
        wake.signal()
    }

    /// Does what is due at `now` by the site's calendar, if anything.
    ///
    /// `settle` sees to it that all that came in is stored: a day is sealed with its last readings.
    func look(now: Instant, calendar: SiteCalendar, settle: () -> Void) {
        let steady = WallClock.steadyMilliseconds()
        guard state.withLock({ !($0.day?.contains(now) ?? false) && steady >= $0.retry }) else { return }
        let today = calendar.date(now)
        let next = CivilDate(dayNumber: today.dayNumber + 1)
        let day = Window(start: calendar.start(of: today), end: calendar.start(of: next))
        do {
            settle()
            try seal(now: now, calendar)
            if isEnding || !hasRoom { return }
            // At a start that is when an older copy of the database shows, whether or not a head is due.
            noteDeletions(now: now)
            try heads.adopt()
            if let fault = try heads.contradiction() { throw AuditFault(fault) }
            let last = try store.read { try $0.newestHead() }?.time ?? .distantPast
            // One from the future was signed while the clock was wrong.
            if !day.contains(last), try heads.keys() != nil { try sign(now: now) }
            state.withLock { state in
                state.day = day
                state.fault = nil
            }
        } catch {
            state.withLock { $0.retry = steady + 60_000 }
            tell("\(error)", now: now)
        }
    }

    /// Signs a head at the end, where the site has a key.
    func signLast(now: Instant) {
        do {
            if try heads.keys() != nil { try sign(now: now) }
        } catch {
            logger.error("no head was signed at the stop", metadata: ["error": "\(error)"])
        }
    }

    /// Signs a head of the journal as it is now.
    @discardableResult
    func sign(now: Instant) throws -> HeadRecord {
        try signing.withLock { _ in
            try announceKeys(now: now)
            let head = try heads.sign(now: now)
            state.withLock { $0.fault = nil }
            return head
        }
    }

    /// Puts on record what somebody else said of a head, with a line of the journal; returns what it was, as a line.
    func take(_ statement: [UInt8], now: Instant) throws -> String {
        let found = try store.read { try WitnessKeeper.statement(statement, at: now, in: $0) }
        if try store.read({ try $0.witnesses() }).contains(where: { $0.data == found.data }) {
            return "head \(found.head): that \(found.kind.rawValue) is on record already\n"
        }
        let entry = JournalEntry(
            "witness.added", at: now,
            [
                .init("head", .integer(found.head)), .init("kind", .text(found.kind.rawValue)),
                .init("sha256", .text(SealDigest.hex(found.data))),
            ])
        try note(entry, nil) { try $0.keep(found) }
        return "head \(found.head): \(found.kind.rawValue) put on record\n"
    }

    /// Seals the readings of some points in a stretch with a line of their own, as they are now.
    func seal(_ stretch: Window, of points: Set<String>, now: Instant) throws {
        let seal = try store.read { try DaySeal(of: stretch, points: points, in: $0) }
        try note(seal.entry(at: now), nil) { _ in }
    }

    /// Writes a line into the journal that proves something to others.
    func note(_ entry: JournalEntry) throws { try note(entry, nil) { _ in } }

    /// The journal says before when readings were deleted by rule, where they were since it last did.
    private func noteDeletions(now: Instant) {
        do {
            let (deleted, noted) = try store.read { reader in
                (try reader.readingsDeletedUpTo(), try reader.note("audit.deleted").flatMap(Int64.init))
            }
            // Once an hour of readings, and not with each chunk.
            guard let deleted, deleted.milliseconds > (noted ?? .min / 2) + 3_600_000 else { return }
            let entry = JournalEntry("readings.deleted", at: now, [.init("end", .text(deleted.text))])
            try note(entry, nil) { try $0.setNote("audit.deleted", String(deleted.milliseconds)) }
        } catch {
            logger.error("the journal cannot say which readings were deleted", metadata: ["error": "\(error)"])
        }
    }

    private func seal(now: Instant, _ calendar: SiteCalendar) throws {
        let sealer = DaySealer(store, calendar: calendar)
        try sealer.expire(now: now)
        try sealer.run(isOver: { isEnding || !hasRoom }) { seal, also in
            try note(seal.entry(at: now), nil, also)
            // A year is sealed in minutes; meanwhile the database's log can be brought in, and a full disk gets room.
            _ = wake.wait(milliseconds: 200)
        }
    }

    /// The journal names each key before anything is signed with it: `key.first`, and at a rotation `key.next`.
    private func announceKeys(now: Instant) throws {
        guard let keys = try heads.keys() else { return }
        for key in keys.keys.map(\.verifier.text) {
            let known =
                try store.read { try $0.note("audit.keys") }.map { $0.split(separator: "\n").map(String.init) } ?? []
            if known.contains(key) { continue }
            let entry = JournalEntry(known.isEmpty ? "key.first" : "key.next", at: now, [.init("vkey", .text(key))])
            try note(entry, nil) { try $0.setNote("audit.keys", (known + [key]).joined(separator: "\n")) }
        }
    }

    private func tell(_ message: String, now: Instant) {
        let isNews = state.withLock { state in
            defer { state.fault = message }
            return state.fault != message
        }
        guard isNews else { return }
        logger.error("\(message)")
        let details: [CanonicalJSON.Member] = [.init("fault", .text(message))]
        let alert = RecordedAlert(
            AlertEvent(rawValue: "head_refused"), .critical, details: details,
            message: "no head of the journal can be signed: \(message)")
        try? note(JournalEntry("head.refused", at: now, details), alert) { _ in }
    }
}
