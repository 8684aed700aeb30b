import Acquisition
import Commissioning
import ConfigurationSource
import Foundation
import LiveRecording
import Logging
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import Recording
import Storage
import Synchronization

/// Polls the links of the plant in force: one worker a link, which reloads and stops reach through here.
final class Polling: Sendable {
    /// How long the links are polled.
    private enum Phase {
        /// Until they are told to end.
        case running
        /// Requests under way are finished as far as they are by that moment, in nanoseconds of ``MonotonicTime``.
        case ending(until: Int64)
    }

    private struct State {
        var phase = Phase.running
        var workers: [LinkWorker] = []
        /// What happened on the wire and is not recorded yet.
        var reports: [WireReport] = []
    }

    /// Nanoseconds in which links end.
    private static let patience = MonotonicTime.milliseconds(3000)

    private let store: PlantStore
    private let intake: Intake
    private let lifecycle: PlantLifecycle
    private let logger: Logger
    private let seed: UInt64
    private let state = Mutex(State())

    /// Polling into an intake; `seed` spreads the links' slots, and nothing runs yet.
    init(store: PlantStore, intake: Intake, lifecycle: PlantLifecycle, seed: UInt64, logger: Logger) {
        self.store = store
        self.intake = intake
        self.lifecycle = lifecycle
        self.seed = seed
        self.logger = logger
    }

    /// Nanoseconds after which a link's thread that does not come round is stuck.
    private static let longest = MonotonicTime.milliseconds(30_000)

    /// The links whose threads do not come round, beside the number of all.
    var stuck: (links: Int, names: [String]) {
        let workers = state.withLock { $0.workers }
        return (workers.count, workers.filter { $0.overdue > Polling.longest }.map(\.link.name))
    }

    /// How the links and their meters are doing.
    var health: [LinkHealth] { state.withLock { $0.workers }.map(\.health) }

    // MARK: Start, change and end

    /// Starts polling every link of a plant.
    func start(_ plant: Plant) {
        // Each link needs three: its connection, what wakes its thread, and the set of both.
        DescriptorLimit.raise()
        let known = PollingMemory(of: plant, in: store)
        let workers = plant.links.map { worker(for: $0, of: plant, known) }
        state.withLock { $0.workers = workers }
        for worker in workers { worker.start() }
        // What reading the configuration took is many times what is kept of it.
        FreedMemory.giveBack()
    }

    /// Polls another plant: only what changed stops and starts.
    func change(to plant: Plant) {
        DescriptorLimit.raise()
        let known = PollingMemory(of: plant, in: store)
        let before = Dictionary(state.withLock { $0.workers }.map { ($0.link.name, $0) }) { first, _ in first }
        let kept = plant.links.filter { before[$0.name]?.link == $0 }
        for link in kept { before[link.name]?.go(on: change(of: link, of: plant, known)) }
        let leaving = before.values.filter { worker in !kept.contains { $0.name == worker.link.name } }
        stop(leaving, until: MonotonicTime.now() + Polling.patience)
        let workers = plant.links.map { link in
            if let worker = before[link.name], worker.link == link { return worker }
            let worker = worker(for: link, of: plant, known)
            if let old = before[link.name] { worker.goOn(from: old) }
            return worker
        }
        // Who stops everything stops these as well, or comes after.
        state.withLock { state in
            state.workers = workers
            guard !lifecycle.isStopping else { return }
            for worker in workers where before[worker.link.name] !== worker { worker.start() }
        }
        FreedMemory.giveBack()
    }

    /// Lets every link end with the request that is under way.
    func end() {
        let workers = state.withLock { state in
            if case .running = state.phase { state.phase = .ending(until: MonotonicTime.now() + Polling.patience) }
            return state.workers
        }
        for worker in workers { worker.requestStop() }
    }

    /// Ends polling; requests under way are finished, as far as 3 s from ``end()`` on allow.
    func stop() {
        end()
        let (workers, phase) = state.withLock { ($0.workers, $0.phase) }
        if case .ending(let end) = phase { stop(workers, until: end) }
    }

    private func stop(_ workers: [LinkWorker], until end: Int64) {
        guard !workers.isEmpty else { return }
        for worker in workers { worker.requestStop() }
        let done = MonotonicSemaphore()
        do {
            try OwnThread.start("stop") {
                for worker in workers { worker.stop() }
                done.signal()
            }
        } catch {
            return logger.warning("the links are left behind: \(error)")
        }
        if !done.wait(milliseconds: max(200, (end - MonotonicTime.now()) / 1_000_000)) {
            logger.warning("a link did not end its request in time and is left behind")
        }
    }

    // MARK: Workers

    private func change(of link: LinkDefinition, of plant: Plant, _ known: PollingMemory) -> MeterChange {
        MeterChange(
            meters: plant.meters.filter { $0.link == link.name }, sink: intake.sink, events: events(of: plant),
            learned: known.learned, lostMeters: known.lost.meters, lastAnswers: known.answers)
    }

    private func worker(for link: LinkDefinition, of plant: Plant, _ known: PollingMemory) -> LinkWorker {
        let index = plant.links.firstIndex { $0.name == link.name } ?? 0
        return LinkWorker(
            link: link, meters: plant.meters.filter { $0.link == link.name }, sink: intake.sink,
            events: events(of: plant), seed: seed &+ UInt64(index), learned: known.learned,
            isLost: known.lost.links.contains(link.name), lostMeters: known.lost.meters, lastAnswers: known.answers)
    }

    /// Takes what happens on the wire of a plant: points have its names, also when another is in force.
    private func events(of plant: Plant) -> @Sendable (AcquisitionEvent) -> Void {
        // All links share the plan's points: names of its own for each would be a thousand times all names.
        let points = plant.plan.points
        return { [weak self] event in
            let report = WireReport(event) {
                points.indices.contains(Int($0)) ? points[Int($0)].name : "point \($0)"
            }
            self?.state.withLock { $0.reports.append(report) }
        }
    }

    /// What sets up the plant on a link of it, between the polls; throws a ``CommandError`` (65) where there is no such
    /// link.
    func commissioning(on link: String, of plant: Plant) throws -> LineCommissioning {
        guard let worker = state.withLock({ $0.workers }).first(where: { $0.link.name == link }) else {
            let hint = NearestName.hint(for: link, among: plant.links.map(\.name))
            throw CommandError(.badInput, "there is no link '\(link)'" + hint, matter: .absent)
        }
        return LineCommissioning(SharedLine(worker), link: link, calendar: plant.plan.calendar)
    }

    // MARK: What happened on the wire

    /// Whether something happened that is not recorded yet.
    var hasNews: Bool { state.withLock { !$0.reports.isEmpty } }

    /// Records what happened on the wire since the last time, for the plant in force.
    func report(with recorder: Recorder, of plant: Plant, now: Instant) throws {
        for report in state.withLock({ $0.reports }) {
            if let learned = report.learned { try store.keep(learned.facts, of: learned.meter) }
            if let entry = report.entry {
                try recorder.note(entry, report.alert, now: now) { writer in
                    let kept = try writer.lostDevices()
                    var lost = kept
                    lost.keep(meters: plant.meters.map(\.name), links: plant.links.map(\.name))
                    lost.take(report.event)
                    if lost != kept { try writer.keep(lost) }
                }
            }
            state.withLock { _ = $0.reports.removeFirst() }
            if let said = report.alert?.message ?? report.entry?.type { logger.notice("\(said)") }
        }
    }
}
