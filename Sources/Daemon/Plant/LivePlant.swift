import Acquisition
import Alerting
import Conformity
import DatabaseFile
import Foundation
import Listings
import Logging
import Metering
import Modbus
import PlantConfiguration
import Platform
import Recording
import Storage
import Synchronization

/// The plant at work: its links are polled, its record is written, its alerts go out. What the API shows comes from
/// here.
package final class LivePlant: Sendable {
    struct State {
        var plant: Plant
        var plantSummary: PlantSummary
        let intake: Intake
        var workers: [LinkWorker] = []
        var wireEvents: [WireReport] = []
        var alertFaults: [AlertFileFault] = []
        var lastAlert: Int
        var isStopping = false
        /// Whether nothing more is told once the recorder has ended.
        var mayAlertsEnd = false
        var nextTidying = WallClock.steadyMilliseconds() + 60_000
        /// Whether it ends to begin again on a new database.
        var isRestarting = false
        var endAll: @Sendable () -> Void = {}
        var check: SoundnessCheck?
        /// Why the metrics cannot be served; nil where they can, or are not wanted.
        var metricsFault: String?
        /// When the links were asked to end.
        var pollingEnd: Int64?
        /// What is missing of the record, or became of its files, in sentences.
        var losses: [String] = []
        var nextMark: Int64 = 0
        /// When the next pages of a damaged database are read; nil: there is none.
        var nextSalvage: Int64? = 0
        /// Whether some of its pages are still to be read.
        var isSalvaging = false
    }

    /// The configuration file, read again on reload.
    let configuration: String
    let store: PlantStore
    let alerts: AlertWriter
    let recording: RecordingThread
    /// What is answered at a time.
    let doors = AnswerDoors()
    /// Who is connected.
    let connections: ConnectionBook
    private let tail: ReadingTail
    /// Readings that were in the tail and not in the store when this began.
    private let recovered: [Reading]
    /// The files of the database as they were opened.
    let files: OpenFiles
    let logger: Logger
    let startedAt = Instant(milliseconds: WallClock.milliseconds())
    let state: Mutex<State>
    private let changing = Mutex(())
    private let alertNews = MonotonicSemaphore()
    let diskWake = MonotonicSemaphore()
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
        alerts = try AlertWriter(outbox: store, files: plant.alerts)
        var newest = try store.read { try $0.newestTimes() }
        for reading in recovered {
            newest[Int(reading.point)] = max(newest[Int(reading.point)] ?? .distantPast, reading.time)
        }
        let intake = Intake(
            points: plant.plan.points.count, newest: newest, clock: try store.read { try $0.clock() }, clocks: clocks)
        state = Mutex(
            State(
                plant: plant, plantSummary: plantSummary, intake: intake, lastAlert: try store.head(),
                losses: [loss, missing].compactMap { $0 }))
        files = store.openFiles()
        recording = RecordingThread(
            intake: intake, store: store, tail: tail, syncsEachRound: plant.storage.sync == .full, logger: logger)
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
    var now: Instant { state.withLock { $0.intake }.now }

    /// Whether the daemon ends.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// The number of the last recorded alert.
    var lastAlert: Int { state.withLock { $0.lastAlert } }

    /// What queries are answered from.
    func record() throws -> PlantRecord {
        let (plantSummary, plant) = state.withLock { ($0.plantSummary, $0.plant) }
        return try PlantRecord(
            store: store, plantSummary: plantSummary, plan: plant.plan, plant: plant, settle: recording.settle
        ) {
            [self] in liveState
        }
    }

    /// One line about the plant, for `systemctl status`.
    var summary: String {
        let workers = state.withLock { $0.workers }
        let down = workers.count { $0.health.isDown }
        let meters = workers.reduce(0) { $0 + $1.health.meters.count }
        let fault =
            recording.fault.map { "; nothing can be recorded now: \($0)" } ?? recording.putOff.map { "; \($0)" } ?? ""
        return "Polling \(meters) meters on \(workers.count) links, \(down) links down\(fault)"
    }

    /// What only the running daemon knows, now.
    var liveState: LiveState {
        let (plant, workers, intake, alertFaults) = state.withLock { ($0.plant, $0.workers, $0.intake, $0.alertFaults) }
        let now = intake.now
        var faults = state.withLock { $0.losses } + alertFaults.map(\.description) + recording.unreadable
        if let fault = intake.clockFault { faults.append(fault) }
        if let fault = store.flushFault { faults.append("the disk refuses to be flushed: \(fault)") }
        if let fault = recording.fault {
            faults.append("nothing can be recorded now, \(intake.outstanding) readings wait in memory: \(fault)")
        }
        if let putOff = recording.putOff { faults.append(putOff) }
        if intake.overflowed > 0 {
            faults.append("\(intake.overflowed) values were left out because too many waited to be recorded")
        }
        if state.withLock({ $0.isSalvaging }) {
            faults.append("the database was damaged: older readings are still being taken over from what is left of it")
        }
        if let fault = tail.fault { faults.append(fault.message) }
        if let fault = state.withLock({ $0.metricsFault }) { faults.append(fault) }
        return LiveState(
            startedAt: startedAt, links: workers.map(\.health),
            addresses: Dictionary(plant.links.map { ($0.name, $0.address) }, uniquingKeysWith: { first, _ in first }),
            provisional: (try? recording.perform(settling: false) { $0.provisionalValues(at: now) }) ?? [],
            faults: faults, work: recording.work,
            leftOut: intake.leftOut)
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
        let losses = state.withLock { $0.losses }
        for loss in losses { logger.error("\(loss)") }
        let intake = state.withLock { $0.intake }
        try recording.start { [recording] in
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
            state.withLock { !$0.wireEvents.isEmpty }
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
        recording.stop()
        noticeAlerts()
    }

    private func lookAfter(_ recorder: Recorder, now: Instant) throws {
        try WorkPutOff.unless("readings are recorded, but what happens on links and meters cannot be told now") {
            try reportWire(with: recorder, now: now)
        }
        // By a clock that is wrong everything would be old.
        if state.withLock({ $0.intake }).isClockBelieved {
            try WorkPutOff.unless("readings are recorded, but the database cannot be tidied now and grows") {
                try tidy(now: now)
            }
        }
        salvage(with: recorder, now: now)
        noticeAlerts()
    }

    /// Once a minute, a step a round until all is tidy: retention, joining of small chunks, giving back of pages.
    private func tidy(now: Instant) throws {
        let steady = WallClock.steadyMilliseconds()
        let (isDue, retention) = state.withLock { state in (steady >= state.nextTidying, state.plant.storage) }
        guard isDue else { return }
        let report = try store.tidy(
            now: now, readings: retention.readingRetention, indicators: retention.indicatorRetention)
        guard report.isDone else { return }
        state.withLock { $0.nextTidying = steady + 60_000 }
        FreedMemory.giveBack()
    }

    /// Takes over what can be read of a damaged database, some pages a round.
    private func salvage(with recorder: Recorder, now: Instant) {
        let steady = WallClock.steadyMilliseconds()
        guard let due = state.withLock({ $0.nextSalvage }), steady >= due else { return }
        do {
            guard let report = try store.salvageStep() else {
                state.withLock { $0.nextSalvage = nil }
                return
            }
            state.withLock { $0.isSalvaging = !report.isDone }
            guard report.isDone else { return }
            let clock = try store.read { try $0.note("salvage.clock") }.flatMap(Int64.init)
            if let clock { try recorder.takeReturned(upTo: Instant(milliseconds: clock), now: now) }
            let alert = RecordedAlert(salvaged: report)
            try recorder.note(JournalEntry("database.salvaged", at: now, alert.details), alert, now: now)
            logger.notice("\(alert.message)")
            state.withLock { $0.nextSalvage = nil }
        } catch {
            // Recording goes on whatever comes of it.
            logger.error("the damaged database cannot be read on now", metadata: ["error": "\(error)"])
            state.withLock { $0.nextSalvage = steady + 60_000 }
        }
    }

    private func noticeAlerts() {
        guard let head = try? store.head() else { return }
        let isNew = state.withLock { state in
            defer { state.lastAlert = head }
            return head > state.lastAlert
        }
        if isNew { alertNews.signal() }
    }

    // MARK: Alerts

    /// Brings alerts into their files until ``endAlerts()``, and then what is left; to be called on a thread of its
    /// own.
    func deliverAlerts() {
        while true {
            let isLast = state.withLock { $0.mayAlertsEnd } && recording.hasEnded
            let pass = alerts.deliver()
            let before = state.withLock { state in
                defer { state.alertFaults = pass.faults }
                return state.alertFaults
            }
            for fault in pass.faults where !before.contains(fault) { logger.error("\(fault.description)") }
            for fault in before where !pass.faults.contains(where: { $0.path == fault.path }) {
                logger.notice("the alert file \(fault.path) is written again")
            }
            if isLast { return }
            // Files that cannot be written are tried again every 5 s; nothing else needs the time.
            _ = alertNews.wait(milliseconds: 5000)
        }
    }

    /// Lets the long-lived parts know that the daemon ends.
    func beginStop() {
        let check = state.withLock { state in
            state.isStopping = true
            return state.check
        }
        check?.end()
        diskWake.signal()
    }

    /// Lets alerts end once all is recorded and told.
    ///
    /// Not before: a service that ends before it is asked to is a fault to whoever keeps the services.
    func endAlerts() {
        state.withLock { $0.mayAlertsEnd = true }
        alertNews.signal()
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

    /// Notes why the metrics cannot be served, or that they can; returns whether that is news.
    func setMetricsFault(_ fault: String?) -> Bool {
        state.withLock { state in
            defer { state.metricsFault = fault }
            return state.metricsFault != fault
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
        try? store.noteMark()
        if files.lost.contains(store.path), store.canPutBack() {
            try store.closeAndPutBack()
        } else {
            try store.close()
        }
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
