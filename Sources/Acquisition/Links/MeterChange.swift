import Metering
import Modbus
import Platform
import Synchronization

/// Other meters for a link that is being polled: those that stay as they are lose no slot by it.
package struct MeterChange: Sendable {
    /// All meters of the link from now on, in order.
    package var meters: [MeterDefinition]
    /// What is read from then on goes there: the indexes of points may be others.
    package var sink: any ReadingSink
    /// What happens from then on is told here.
    package var events: @Sendable (AcquisitionEvent) -> Void
    /// What is known of the devices, by meter; for those that are new.
    package var learned: [String: LearnedFacts]
    /// The meters that were announced as lost.
    package var lostMeters: Set<String>
    /// When each meter last answered, as far as the record knows; for those that are new.
    package var lastAnswers: [String: Instant]

    /// A change of a link's meters.
    package init(
        meters: [MeterDefinition], sink: any ReadingSink, events: @escaping @Sendable (AcquisitionEvent) -> Void,
        learned: [String: LearnedFacts] = [:], lostMeters: Set<String> = [], lastAnswers: [String: Instant] = [:]
    ) {
        self.meters = meters
        self.sink = sink
        self.events = events
        self.learned = learned
        self.lostMeters = lostMeters
        self.lastAnswers = lastAnswers
    }
}

/// The change that waits for a link's thread; a later one takes the place of an earlier one.
final class MeterChangeBox: Sendable {
    private let waiting = Mutex<MeterChange?>(nil)
    /// Looked at before every slot, which is all that is done about it as a rule.
    private let isFull = Atomic<Bool>(false)

    func put(_ change: MeterChange) {
        waiting.withLock { $0 = change }
        isFull.store(true, ordering: .releasing)
    }

    func take() -> MeterChange? {
        guard isFull.exchange(false, ordering: .acquiring) else { return nil }
        return waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
    }
}

extension MeterDefinition {
    /// Whether another definition asks the same device in the same way and makes the same values of its answers; title
    /// and places of its points in the plant may differ.
    package func isPolled(like other: MeterDefinition) -> Bool { inPlainPlace == other.inPlainPlace }

    /// The same with its points numbered from 0.
    private var inPlainPlace: MeterDefinition {
        var plain = self
        plain.title = nil
        let places = Dictionary(points.enumerated().map { ($1.index, PointIndex($0)) }) { first, _ in first }
        for place in plain.points.indices { plain.points[place].index = PointIndex(place) }
        plain.validWhen = validWhen?.map { places[$0] ?? -1 }
        plain.indexParts = indexParts.map { $0.map { places[$0] ?? -1 } }
        return plain
    }
}

extension LinkRunner {
    /// Polls other meters from now on, between two slots; who stays keeps its slots and all that is known of it.
    func take(_ change: MeterChange) {
        sink = change.sink
        events = change.events
        let now = MonotonicTime.now()
        let wallClock = Instant.ofWallClock
        let before = Dictionary(pollers.map { ($0.definition.name, $0) }) { first, _ in first }
        var kept: Set<String> = []
        pollers = change.meters.enumerated().map { index, meter in
            if let poller = before[meter.name], poller.definition.isPolled(like: meter) {
                poller.take(places: meter)
                kept.insert(meter.name)
                return poller
            }
            let interval = MonotonicTime.milliseconds(meter.interval)
            let phase = PollSlots.phase(link: link.name, index: index, of: change.meters.count, interval: interval)
            let poller = MeterPoller(meter, on: link, phase: phase, now: now)
            poller.presence = Presence(isLost: change.lostMeters.contains(meter.name))
            if let facts = change.learned[meter.name] { poller.adopt(facts, now: now, wallClock: wallClock) }
            return poller
        }
        book.take(change, keeping: kept)
    }
}

extension HealthBook {
    /// Has the entries of other meters from now on; who stays goes on counting.
    func take(_ change: MeterChange, keeping kept: Set<String>) {
        write { pages in
            let before = Dictionary(pages.entries.map { ($0.health.meter, $0) }) { first, _ in first }
            pages.entries = change.meters.map { meter in
                var entry = before[meter.name] ?? Entry(health: MeterHealth(meter: meter.name))
                if before[meter.name] == nil {
                    entry.health.isLost = change.lostMeters.contains(meter.name)
                    entry.health.lastAnswer = change.lastAnswers[meter.name]
                }
                // It is by the points' places, and written again with the next slot.
                entry.health.refused = [:]
                if !kept.contains(meter.name) { entry.health.isProbing = false }
                return entry
            }
        }
    }
}
