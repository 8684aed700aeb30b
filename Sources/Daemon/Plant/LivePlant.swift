import Acquisition
import Alerting
import Conformity
import Connections
import DatabaseFile
import Forwarding
import Foundation
import Listings
import LiveRecording
import Logging
import Metering
import Modbus
import PlantConfiguration
import Platform
import RecordKeeping
import Recording
import Storage
import Synchronization

/// The plant at work: its links are polled, its record is written, its alerts go out. What the API shows comes from
/// here.
package final class LivePlant: Sendable {
    struct State {
        /// The plant in force.
        var plant: Plant
        var plantSummary: PlantSummary
        /// Why something cannot be served, by what it is: `metrics`, `web`.
        var servingFaults: [String: String] = [:]
    }

    /// The configuration file, read again on reload.
    let configuration: String
    let store: PlantStore
    let lifecycle = PlantLifecycle()
    let recording: RecordingThread
    let polling: Polling
    let alerts: AlertDeliverer
    let watch: RecordWatch
    private let care: DatabaseCare
    let audit: AuditKeeper
    let forwarder: Forwarder
    let intake: Intake
    /// What is answered at a time.
    let turnstiles = AnswerTurnstiles()
    /// Who is connected.
    let connections: ConnectionBook
    private let tail: ReadingTail
    /// Readings that were in the tail and not in the store when this began.
    private let recovered: [Reading]
    let logger: Logger
    let startedAt = Instant(milliseconds: WallClock.milliseconds())
    let state: Mutex<State>
    private let changing = Mutex(())
    /// How often the store had been written when the alerts were looked at last.
    private let noticed = Mutex<Int?>(nil)
    let reloadWake = MonotonicSemaphore()

    /// Takes over the plant's store, which nobody else may own; nothing runs yet.
    ///
    /// Throws a `StoreFault` where the directory is in use, cannot be made or holds something else.
    package init(
        _ plant: Plant, configuration: String, after loss: String? = nil, logger: Logger,
        clocks: Intake.Clocks = Intake.Clocks()
    ) throws {
        self.configuration = AbsolutePath.of(configuration)
        self.logger = logger
        connections = ConnectionBook(links: plant.links.count, logger: logger)
        let found = FoundRecord(in: plant.storage.directory)
        store = try PlantStore(
            directory: plant.storage.directory,
            access: .owner(create: true, sync: plant.storage.sync == .full ? .full : .normal))
        try store.checkpointBeside()
        let missing = try found.loss(in: store)
        let tail = try ReadingTail(of: store)
        self.tail = tail
        recovered = try LivePlant.bringIntoForce(plant, in: store, tail)
        let plantSummary = PlantSummary(plant, configuration: self.configuration)
        try store.write { try plantSummary.keep(in: $0) }
        let writer = try AlertWriter(outbox: store, files: plant.alerts)
        let intake = try LivePlant.intake(of: plant, in: store, recovered, clocks)
        self.intake = intake
        let forwarder = Forwarder(store)
        self.forwarder = forwarder
        let recording = RecordingThread(
            intake: intake, store: store, tail: tail, syncsEachRound: plant.storage.sync == .full, logger: logger,
            passing: { forwarder.take($0) })
        self.recording = recording
        alerts = AlertDeliverer(writer, last: try store.head(), logger: logger) { recording.hasEnded }
        polling = Polling(
            store: store, intake: intake, lifecycle: lifecycle,
            seed: UInt64(truncatingIfNeeded: startedAt.milliseconds), logger: logger)
        care = DatabaseCare(store, logger: logger)
        watch = RecordWatch(
            store, losses: [loss, missing].compactMap { $0 }, recording: recording, lifecycle: lifecycle,
            now: { intake.now }, logger: logger)
        audit = AuditKeeper(store, logger: logger) { entry, alert, also in
            try recording.perform { try $0.note(entry, alert, now: entry.time, also: also) }
        }
        state = Mutex(State(plant: plant, plantSummary: plantSummary))
    }

    /// The intake of a plant that goes on from what is stored and from what was found in the tail.
    private static func intake(
        of plant: Plant, in store: PlantStore, _ recovered: [Reading], _ clocks: Intake.Clocks
    ) throws -> Intake {
        var newest = try store.read { try $0.newestTimes() }
        for reading in recovered {
            newest[Int(reading.point)] = max(newest[Int(reading.point)] ?? .distantPast, reading.time)
        }
        return Intake(
            points: plant.plan.points.count, newest: newest, clock: try store.read { try $0.clock() }, clocks: clocks)
    }

    /// Puts a plant's configuration in force and returns what is in the tail and not stored yet: where another was in force
    /// before, that one's recorder takes it.
    private static func bringIntoForce(_ plant: Plant, in store: PlantStore, _ tail: ReadingTail) throws -> [Reading] {
        let load = ConfigurationLoad(.start)
        let now = Instant(milliseconds: WallClock.milliseconds())
        let coming = ComingIntoForce(store: store, plant: plant, load: load, isLive: true)
        var recovered: [Reading]?
        if try !coming.replacesAnother { recovered = try tail.recovered(keeping: StoreNames(plant)) }
        _ = try coming.run(now: now) { recorder in
            recorder.hold(try tail.recovered(keeping: StoreNames(recorder.plant)))
            try recorder.commit(now: now, tail: tail.foundLast)
            recovered = []
        }
        return try recovered ?? tail.recovered(keeping: StoreNames(plant))
    }

    /// The plant in force.
    var plant: Plant { state.withLock { $0.plant } }

    /// The system users who may change nonconformities.
    var operators: [String] { plant.api.operators }

    /// The time by which the plant's events are dated: the wall clock's, as long as it can be believed.
    var now: Instant { intake.now }

    /// Whether the daemon ends.
    var isStopping: Bool { lifecycle.isStopping }

    /// What queries are answered from.
    func record() throws -> PlantRecord {
        let (plantSummary, plant) = state.withLock { ($0.plantSummary, $0.plant) }
        return try PlantRecord(
            store: store, plantSummary: plantSummary, plan: plant.plan, plant: plant, settle: recording.settle
        ) {
            [self] in liveState
        }
    }

    /// Whether it gets on.
    var pulse: PlantPulse {
        let stuck = polling.stuck
        return PlantPulse(recorderIdle: recording.idle, links: stuck.links, stuckLinks: stuck.names)
    }

    /// One line about the plant, for `systemctl status`.
    var summary: String {
        if let complaint = pulse.complaint { return "NOT in order: \(complaint)" }
        let links = polling.health
        let down = links.count { $0.isDown }
        let meters = links.reduce(0) { $0 + $1.meters.count }
        let fault =
            recording.fault.map { "; nothing can be recorded now: \($0)" } ?? recording.putOff.map { "; \($0)" } ?? ""
        return "Polling \(meters) meters on \(links.count) links, \(down) links down\(fault)"
    }

    /// What only the running daemon knows, now.
    var liveState: LiveState {
        let now = intake.now
        var faults = watch.losses + alerts.faults.map(\.description) + recording.unreadable
        if let fault = intake.clockFault { faults.append(fault) }
        if let fault = store.flushFault { faults.append("the disk refuses to be flushed: \(fault)") }
        if let fault = recording.fault {
            faults.append("nothing can be recorded now, \(intake.outstanding) readings wait in memory: \(fault)")
        }
        if let putOff = recording.putOff { faults.append(putOff) }
        if intake.overflowed > 0 {
            faults.append("\(intake.overflowed) values were left out because too many waited to be recorded")
        }
        if care.isSalvaging {
            faults.append("the database was damaged: older readings are still being taken over from what is left of it")
        }
        if let fault = tail.fault { faults.append(fault.message) }
        faults += state.withLock { $0.servingFaults.sorted { $0.key < $1.key }.map(\.value) }
        faults += forwarder.faults
        if let complaint = pulse.complaint { faults.append(complaint) }
        if let fault = audit.fault { faults.append("no head of the journal can be signed: \(fault)") }
        var live = LiveState(
            startedAt: startedAt, links: polling.health,
            addresses: Dictionary(plant.links.map { ($0.name, $0.address) }, uniquingKeysWith: { first, _ in first }),
            provisional: (try? recording.perform(settling: false) { $0.provisionalValues(at: now) }) ?? [],
            forecasts: (try? recording.perform(settling: false) { try $0.forecasts(at: now) }) ?? [],
            faults: faults, work: recording.work,
            leftOut: intake.leftOut)
        live.forwards = { [forwarder] in try forwarder.standings($0, now: now) }
        return live
    }

    /// What the recorder holds back, on the disk as far as the tail can be written; costs the database no commit.
    func heldNews() throws -> HeldNews {
        let news = try recording.perform(settling: false) { $0.heldNews }
        // What is shown outlasts a loss of power.
        tail.flush()
        return news
    }

    // MARK: Recording

    /// Starts the recorder, which first makes good what became due while nothing ran.
    func startRecording() throws {
        let plant = plant
        let (store, tail, recovered) = (store, tail, recovered)
        let losses = watch.losses
        for loss in losses { logger.error("\(loss)") }
        try recording.start { [recording, intake] in
            let recorder = Recorder(store: store, plant: plant, isLive: true)
            let manager = ServiceManager()
            recorder.madeProgress = {
                recording.madeProgress()
                manager.extendStart()
            }
            let now = intake.now
            try recorder.start(now: now)
            recorder.hold(recovered)
            try recorder.commit(now: now, through: .distantPast, tail: tail.foundLast)
            recorder.madeProgress = { recording.madeProgress() }
            try recorder.note(.started(digest: plant.digest), .started, now: now)
            if let aside = store.opening.setAside {
                let alert = RecordedAlert(damaged: aside, store.opening, store.salvageReport)
                let entry = JournalEntry("database.set_aside", at: now, alert.details)
                try recorder.note(entry, alert, now: now)
            }
            for loss in losses {
                let alert = RecordedAlert(lost: loss)
                try recorder.note(JournalEntry("database.lost", at: now, alert.details), alert, now: now)
            }
            try store.noteMark()
            return recorder
        } hasNews: { [self] in
            polling.hasNews
        } eachRound: { [self] recorder, now in
            try lookAfter(recorder, now: now)
        }
    }

    /// Records what is left and that the daemon stopped.
    func stopRecording() {
        do {
            do {
                try recording.perform(waiting: false) { [self] in try $0.note(.stopped, .stopped, now: now) }
            } catch {
                // It is the last try, whatever the one before it said.
                try recording.perform(settling: false) { [self] in try $0.note(.stopped, .stopped, now: now) }
            }
        } catch {
            logger.error("the stop could not be recorded", metadata: ["error": "\(error)"])
        }
        audit.signLast(now: now)
        recording.stop()
        noticeAlerts()
    }

    private func lookAfter(_ recorder: Recorder, now: Instant) throws {
        try WorkPutOff.unless("readings are recorded, but what happens on links and meters cannot be told now") {
            try polling.report(with: recorder, of: plant, now: now)
        }
        try recorder.endAbandonedImport(now: now)
        // By a clock that is wrong everything would be old.
        if intake.isClockBelieved {
            try WorkPutOff.unless("readings are recorded, but the database cannot be tidied now and grows") {
                let unsent = try care.tidy(plant.storage, now: now)
                for (target, readings) in unsent.sorted(by: { $0.key < $1.key }) {
                    try tellUnsent(readings, target, with: recorder, now: now)
                }
            }
        }
        if intake.isClockBelieved {
            try WorkPutOff.unless("readings are recorded, but nobody can be reminded now of what is due") {
                try recorder.remind(now: now)
                if recorder.isOpen { try recorder.warnAhead(now: now) }
            }
        }
        care.salvage(with: recorder, now: now)
        care.settleDown()
        noticeAlerts()
    }

    private func noticeAlerts() {
        // Five rounds a second ask, and few of them have written anything.
        let writes = store.writes
        guard noticed.withLock({ $0 }) != writes, let head = try? store.head() else { return }
        noticed.withLock { $0 = writes }
        alerts.notice(head)
    }

    /// Lets the long-lived parts know that the daemon ends.
    func beginStop() {
        lifecycle.beginStop()
        watch.end()
    }

    // MARK: Change

    /// Runs a change of the plant alone.
    func alone<T>(_ change: () throws -> T) rethrows -> T { try changing.withLock { _ in try change() } }

    /// Puts another plant in force.
    func put(_ plant: Plant, plantSummary: PlantSummary) {
        state.withLock { state in
            state.plant = plant
            state.plantSummary = plantSummary
        }
    }

    /// Notes why something (`metrics`, `web`) cannot be served, or that it can; returns whether that is news.
    func setFault(_ fault: String?, of what: String) -> Bool {
        state.withLock { state in
            defer { state.servingFaults[what] = fault }
            return state.servingFaults[what] != fault
        }
    }

    /// Ends what is still being answered: the daemon stops, and waits for no reader.
    func endAnswers() {
        connections.closeAll()
        store.endShowing()
    }

    /// Closes the database and the tail.
    func close() throws {
        tail.close()
        try watch.close()
    }
}

extension LinkDefinition {
    /// Where the link leads, in one word.
    var address: String {
        switch transport {
        case .tcp(let host, let port): "\(host):\(port)"
        case .rtuOverTCP(let host, let port): "\(host):\(port) (rtu)"
        case .rtu(let line): line.device
        }
    }
}
