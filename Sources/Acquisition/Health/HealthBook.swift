import Metering
import Modbus
import Platform
import Synchronization

/// What the link's thread writes down and any thread may read.
final class HealthBook: Sendable {
    struct Entry: Sendable {
        var health: MeterHealth
        var roundTrips = RoundTrips()
    }

    struct Pages: Sendable {
        var connected = false
        var reason = Reason.none
        var cause: String?
        var isLost = false
        var connections = 0
        var busy: Int64 = 0
        var started: Int64 = 0
        /// Of the books before this one.
        var busyBefore: Int64 = 0
        var runBefore: Int64 = 0
        var entries: [Entry]
        /// What may still come on a serial line, once polling has ended.
        var late: LateAnswers?
    }

    /// Whether the thread comes round.
    let pulse = LinkPulse()
    private let link: String
    private let pages: Mutex<Pages>

    init(link: String, meters: [MeterDefinition]) {
        self.link = link
        pages = Mutex(Pages(entries: meters.map { Entry(health: MeterHealth(meter: $0.name)) }))
    }

    @discardableResult
    func write<T: Sendable>(_ body: (inout Pages) -> T) -> T { pages.withLock { body(&$0) } }

    /// Goes on counting from what another book has of the same link: a reload begins no new count.
    func goOn(from other: HealthBook) {
        let old = other.pages.withLock { $0 }
        pages.withLock { pages in
            pages.connections = old.connections
            pages.isLost = old.isLost
            pages.late = old.late
            pages.busyBefore = old.busyBefore + old.busy
            pages.runBefore = old.runBefore + (old.started == 0 ? 0 : MonotonicTime.now() - old.started)
            for index in pages.entries.indices {
                let name = pages.entries[index].health.meter
                guard let entry = old.entries.first(where: { $0.health.meter == name }) else { continue }
                pages.entries[index].health = entry.health
                // Whether it is probed or refuses something is found out anew.
                pages.entries[index].health.isProbing = false
                pages.entries[index].health.refused = [:]
                pages.entries[index].roundTrips = entry.roundTrips
            }
        }
    }

    var snapshot: LinkHealth {
        let pages = pages.withLock { $0 }
        let elapsed = pages.runBefore + (pages.started == 0 ? 0 : MonotonicTime.now() - pages.started)
        let busy = pages.busyBefore + pages.busy
        return LinkHealth(
            link: link, connected: pages.connected, reason: pages.reason, cause: pages.cause, isLost: pages.isLost,
            connections: pages.connections, load: elapsed > 0 ? Double(busy) / Double(elapsed) : 0,
            meters: pages.entries.map { entry in
                var health = entry.health
                health.roundTrips = entry.roundTrips.histogram
                if let figures = entry.roundTrips.figures {
                    health.medianRoundTrip = figures.median
                    health.slowRoundTrip = figures.slow
                }
                return health
            })
    }
}
