import Acquisition
import Commissioning
import Foundation
import Metering
import Modbus
import PlantAPI
import PlantConfiguration
import Platform
import Recording
import Storage

extension LivePlant {
    /// Starts polling every link.
    func startPolling() {
        // Each link needs two.
        DescriptorLimit.raise()
        let known = PollingMemory(of: plant, in: store)
        let workers = plant.links.map { worker(for: $0, known) }
        state.withLock { $0.workers = workers }
        for worker in workers { worker.start() }
        // What reading the configuration took is many times what is kept of it.
        FreedMemory.giveBack()
    }

    /// Polls the plant in force instead of another: only what changed stops and starts.
    func changePolling(from old: Plant) {
        DescriptorLimit.raise()
        let known = PollingMemory(of: plant, in: store)
        let before = Dictionary(state.withLock { $0.workers }.map { ($0.link.name, $0) }) { first, _ in first }
        let kept = plant.links.filter { before[$0.name]?.link == $0 }
        for link in kept { before[link.name]?.go(on: change(of: link, known)) }
        let leaving = before.values.filter { worker in !kept.contains { $0.name == worker.link.name } }
        stop(leaving, until: MonotonicTime.now() + MonotonicTime.milliseconds(3000))
        let workers = plant.links.map { link in
            if let worker = before[link.name], worker.link == link { return worker }
            let worker = worker(for: link, known)
            if let old = before[link.name] { worker.goOn(from: old) }
            return worker
        }
        // Who stops everything stops these as well, or comes after.
        state.withLock { state in
            state.workers = workers
            guard !state.isStopping else { return }
            for worker in workers where before[worker.link.name] !== worker { worker.start() }
        }
        FreedMemory.giveBack()
    }

    private func change(of link: LinkDefinition, _ known: PollingMemory) -> MeterChange {
        MeterChange(
            meters: plant.meters.filter { $0.link == link.name }, sink: state.withLock { $0.intake }.door,
            events: wireEvents(), learned: known.learned, lostMeters: known.lost.meters, lastAnswers: known.answers)
    }

    private func worker(for link: LinkDefinition, _ known: PollingMemory) -> LinkWorker {
        let index = plant.links.firstIndex { $0.name == link.name } ?? 0
        return LinkWorker(
            link: link, meters: plant.meters.filter { $0.link == link.name }, sink: state.withLock { $0.intake }.door,
            events: wireEvents(), seed: UInt64(truncatingIfNeeded: startedAt.milliseconds) &+ UInt64(index),
            learned: known.learned, isLost: known.lost.links.contains(link.name), lostMeters: known.lost.meters,
            lastAnswers: known.answers)
    }

    /// Takes what happens on the wire of the plant in force: points have its names, also when another is in force.
    private func wireEvents() -> @Sendable (AcquisitionEvent) -> Void {
        let names = plant.plan.points.map(\.name)
        return { [weak self] event in
            let report = WireReport(event) { names.indices.contains(Int($0)) ? names[Int($0)] : "point \($0)" }
            self?.state.withLock { $0.wireEvents.append(report) }
        }
    }

    /// What sets up the plant on a link of it, between the polls; throws a ``CommandError`` (65) where there is no such link.
    func commissioning(on link: String) throws -> LineCommissioning {
        let (plant, workers) = state.withLock { ($0.plant, $0.workers) }
        guard let worker = workers.first(where: { $0.link.name == link }) else {
            let hint = NearestName.hint(for: link, among: plant.links.map(\.name))
            throw CommandError(.badInput, "there is no link '\(link)'" + hint, matter: .absent)
        }
        return LineCommissioning(SharedLine(worker), link: link, calendar: plant.plan.calendar)
    }

    /// Lets every link end with the request that is under way.
    func endPolling() {
        let workers = state.withLock { state in
            if state.pollingEnd == nil { state.pollingEnd = MonotonicTime.now() + MonotonicTime.milliseconds(3000) }
            return state.workers
        }
        for worker in workers { worker.requestStop() }
    }

    /// Ends polling; requests under way are finished, as far as 3 s from ``endPolling()`` on allow.
    func stopPolling() {
        endPolling()
        let (workers, end) = state.withLock { state in
            defer { state.pollingEnd = nil }
            return (state.workers, state.pollingEnd ?? 0)
        }
        stop(workers, until: end)
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

    /// Records what happened on the wire since the last time.
    func reportWire(with recorder: Recorder, now: Instant) throws {
        let (reports, plant) = state.withLock { ($0.wireEvents, $0.plant) }
        for report in reports {
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
            state.withLock { _ = $0.wireEvents.removeFirst() }
            if let said = report.alert?.message ?? report.entry?.type { logger.notice("\(said)") }
        }
    }
}

/// What the record knows of the devices of a plant.
private struct PollingMemory {
    var learned: [String: LearnedFacts]
    var lost: LostDevices
    var answers: [String: Instant]

    init(of plant: Plant, in store: PlantStore) {
        learned = (try? store.read { try $0.learnedFacts(of: plant.meters) }) ?? [:]
        lost = (try? store.read { try $0.lostDevices() }) ?? LostDevices()
        answers = (try? store.read { try $0.lastAnswers(of: plant.meters) }) ?? [:]
    }
}

extension StoreReader {
    /// When each meter last gave a value, as far as the record reaches.
    fileprivate func lastAnswers(of meters: [MeterDefinition]) throws -> [String: Instant] {
        let newest = try newestReadings()
        var answers: [String: Instant] = [:]
        for meter in meters {
            let points = meter.points.map { newest[Int($0.index)] }
            var answer = points.compactMap { $0 }.filter(\.isUsable).map(\.time).max()
            // Where it is silent now, what it said before stands further back.
            if answer == nil, let reading = points.compactMap({ $0 }).first {
                answer = try lastReading(reading.point, before: reading.time, usable: true)?.time
            }
            answers[meter.name] = answer
        }
        return answers
    }
}
