import Metering
import Modbus
import Synchronization

/// Polls the meters of one link, on a thread of its own, from ``start()`` to ``stop()``.
package final class LinkWorker: Sendable {
    /// The link it polls.
    package let link: LinkDefinition
    /// The meters on it.
    package let meters: [MeterDefinition]
    private let sink: any ReadingSink
    private let events: @Sendable (AcquisitionEvent) -> Void
    private let seed: UInt64
    private let book: HealthBook
    private let wake = WakeSignal()
    private let thread = Mutex<BlockingThread?>(nil)

    /// A worker, not started.
    ///
    /// - Parameters:
    ///   - meters: Those of this link.
    ///   - sink: Gets every due point of every slot, good or bad.
    ///   - events: Called from the link's thread; must return at once.
    ///   - seed: Makes the jitter of reconnecting repeatable.
    package init(
        link: LinkDefinition, meters: [MeterDefinition], sink: any ReadingSink,
        events: @escaping @Sendable (AcquisitionEvent) -> Void, seed: UInt64
    ) {
        self.link = link
        self.meters = meters
        self.sink = sink
        self.events = events
        self.seed = seed
        book = HealthBook(link: link.name, meters: meters)
    }

    /// Starts polling; once.
    package func start() {
        thread.withLock { thread in
            guard thread == nil else { return }
            do throws(ThreadFault) {
                thread = try BlockingThread(name: link.name) { [link, meters, sink, events, seed, book, wake] in
                    LinkRunner(
                        link: link, meters: meters, sink: sink, events: events, seed: seed, book: book, wake: wake
                    ).run()
                }
            } catch {
                events(.linkNotStarted(link: link.name, cause: error.description))
            }
        }
    }

    /// Asks the worker to end without waiting for it, so that many can end together.
    package func requestStop() { wake.raise() }

    /// Ends polling: the request under way is finished, nothing is delivered afterwards. Returns within about the link's timeout.
    package func stop() {
        requestStop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// How the link and its meters are doing.
    package var health: LinkHealth { book.snapshot }
}
