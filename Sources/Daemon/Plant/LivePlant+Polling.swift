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
        let (plant, intake) = state.withLock { ($0.plant, $0.intake) }
        let learned = (try? store.read { try $0.learnedFacts(of: plant.meters) }) ?? [:]
        let lost = (try? store.read { try $0.lostDevices() }) ?? LostDevices()
        let answers = (try? store.read { try $0.lastAnswers(of: plant.meters) }) ?? [:]
        let metersByLink = Dictionary(grouping: plant.meters, by: \.link)
        let workers = plant.links.enumerated().map { index, link in
            LinkWorker(
                link: link, meters: metersByLink[link.name] ?? [], sink: intake,
                events: { [weak self] event in self?.state.withLock { $0.wireEvents.append(event) } },
                seed: UInt64(truncatingIfNeeded: startedAt.milliseconds) &+ UInt64(index), learned: learned,
                isLost: lost.links.contains(link.name), lostMeters: lost.meters, lastAnswers: answers)
        }
        let before = Dictionary(state.withLock { $0.workers }.map { ($0.link.name, $0) }) { first, _ in first }
        for worker in workers { if let old = before[worker.link.name] { worker.goOn(from: old) } }
        state.withLock { $0.workers = workers }
        for worker in workers { worker.start() }
        // What reading the configuration took is many times what is kept of it.
        FreedMemory.giveBack()
    }

    /// What sets up the plant on a link of it, between the polls; throws a ``Complaint`` (65) where there is no such link.
    func commissioning(on link: String) throws -> LineCommissioning {
        let (plant, workers) = state.withLock { ($0.plant, $0.workers) }
        guard let worker = workers.first(where: { $0.link.name == link }) else {
            let hint = NearestName.hint(for: link, among: plant.links.map(\.name))
            throw Complaint(.badInput, "there is no link '\(link)'" + hint, matter: .absent)
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
        let (events, plant) = state.withLock { ($0.wireEvents, $0.plant) }
        for event in events {
            let report = WireReport(event) { recorder.pointName($0) }
            if let learned = report.learned { try store.keep(learned.facts, of: learned.meter) }
            if let entry = report.entry {
                try recorder.note(entry, report.alert, now: now) { writer in
                    let kept = try writer.lostDevices()
                    var lost = kept
                    lost.keep(meters: plant.meters.map(\.name), links: plant.links.map(\.name))
                    lost.take(event)
                    if lost != kept { try writer.keep(lost) }
                }
            }
            state.withLock { _ = $0.wireEvents.removeFirst() }
            if let said = report.alert?.message ?? report.entry?.type { logger.notice("\(said)") }
        }
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
