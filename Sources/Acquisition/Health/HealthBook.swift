import Metering
import Modbus
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
        var isLost = false
        var connections = 0
        var busy: Int64 = 0
        var started: Int64 = 0
        var entries: [Entry]
    }

    private let link: String
    private let pages: Mutex<Pages>

    init(link: String, meters: [MeterDefinition]) {
        self.link = link
        pages = Mutex(Pages(entries: meters.map { Entry(health: MeterHealth(meter: $0.name)) }))
    }

    func write(_ body: (inout Pages) -> Void) { pages.withLock { body(&$0) } }

    var snapshot: LinkHealth {
        let pages = pages.withLock { $0 }
        let elapsed = pages.started == 0 ? 0 : MonotonicTime.now() - pages.started
        return LinkHealth(
            link: link, connected: pages.connected, reason: pages.reason, isLost: pages.isLost,
            connections: pages.connections, load: elapsed > 0 ? Double(pages.busy) / Double(elapsed) : 0,
            meters: pages.entries.map { entry in
                var health = entry.health
                if let figures = entry.roundTrips.figures {
                    health.medianRoundTrip = figures.median
                    health.slowRoundTrip = figures.slow
                }
                return health
            })
    }
}
