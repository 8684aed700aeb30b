import Synchronization

/// What a simulated plant has been asked.
package final class ServerTraffic: Sendable {
    private let requests = Atomic<Int>(0)
    private let faulty = Atomic<Int>(0)
    private let listener: (@Sendable (ServerRequest) -> Void)?

    /// Counts nothing yet; `listener` is told each request, from the thread of its connection.
    package init(listener: (@Sendable (ServerRequest) -> Void)? = nil) { self.listener = listener }

    /// Requests that arrived.
    package var requestCount: Int { requests.load(ordering: .relaxed) }
    /// Requests that were answered with a delay, a fault or not at all by a served unit's own plan.
    package var faultCount: Int { faulty.load(ordering: .relaxed) }

    func count(_ request: ServerRequest) {
        requests.add(1, ordering: .relaxed)
        listener?(request)
    }

    func countFault() { faulty.add(1, ordering: .relaxed) }
}
