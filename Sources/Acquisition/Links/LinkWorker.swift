import Metering
import Modbus
import Platform
import Synchronization

/// Polls the meters of one link, on a thread of its own, from ``start()`` to ``stop()``.
///
/// ```
/// let worker = LinkWorker(link: link, meters: meters, sink: intake.sink, events: { log($0) }, seed: 1)
/// worker.start()
/// defer { worker.stop() }
/// ```
package final class LinkWorker: Sendable {
    /// The link it polls.
    package let link: LinkDefinition
    /// The meters on it, as it began.
    private let meters: [MeterDefinition]
    private let sink: any ReadingSink
    private let events: @Sendable (AcquisitionEvent) -> Void
    private let seed: UInt64
    private let learned: [String: LearnedFacts]
    private let lookUp: HostLookUp
    private let book: HealthBook
    private let wake = WakeSignal()
    /// The questions that wait for its thread.
    let jobs = LineJobQueue()
    private let changes = MeterChangeBox()
    private let thread = Mutex<OwnThread?>(nil)

    /// A worker, not started.
    ///
    /// - Parameters:
    ///   - meters: Those of this link.
    ///   - sink: Gets every due point of every slot, good or bad.
    ///   - events: Called from the link's thread; must return at once.
    ///   - learned: What was known of the devices before, by meter.
    ///   - isLost: Whether the link was announced as lost before, and not as back.
    ///   - lostMeters: The meters that were.
    ///   - lastAnswers: When each meter last answered before, as far as the record knows.
    ///   - lookUp: Where the addresses of the link's host come from.
    package init(
        link: LinkDefinition, meters: [MeterDefinition], sink: any ReadingSink,
        events: @escaping @Sendable (AcquisitionEvent) -> Void, seed: UInt64,
        learned: [String: LearnedFacts] = [:], isLost: Bool = false, lostMeters: Set<String> = [],
        lastAnswers: [String: Instant] = [:],
        lookUp: @escaping HostLookUp = HostResolution.system
    ) {
        self.lookUp = lookUp
        self.link = link
        self.meters = meters
        self.sink = sink
        self.events = events
        self.seed = seed
        self.learned = learned
        book = HealthBook(link: link.name, meters: meters)
        book.write { pages in
            pages.isLost = isLost
            for index in pages.entries.indices {
                pages.entries[index].health.isLost = lostMeters.contains(pages.entries[index].health.meter)
                pages.entries[index].health.lastAnswer = lastAnswers[pages.entries[index].health.meter]
            }
        }
    }

    /// Goes on counting where a worker of the same link and meters stopped; before ``start()``.
    package func goOn(from other: LinkWorker) {
        guard other.link.transport == link.transport else { return }
        book.goOn(from: other.book)
    }

    /// Starts polling; once.
    package func start() {
        thread.withLock { thread in
            guard thread == nil else { return }
            do throws(ThreadFault) {
                thread = try OwnThread(name: link.name) {
                    [link, meters, sink, events, seed, book, wake, learned, jobs, changes, lookUp] in
                    let runner = LinkRunner(
                        link: link, meters: meters, sink: sink, events: events, seed: seed, book: book, wake: wake,
                        jobs: jobs, changes: changes, lookUp: lookUp)
                    runner.adopt(learned)
                    runner.run()
                }
            } catch {
                events(.linkNotStarted(link: link.name, cause: error.description))
            }
        }
    }

    /// Polls other meters from the next slot on; those that are polled as before go on without a break.
    package func go(on change: MeterChange) {
        changes.put(change)
        wake.nudge()
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

    /// Asks a question of one of its devices when polling leaves room.
    func take(_ job: LineJob) {
        guard jobs.add(job) else { return job.finish(.failure(.linkDown)) }
        wake.nudge()
    }

    /// Nanoseconds since its thread should have come round; 0: it is in time, or does not run.
    package var overdue: Int64 { book.pulse.overdue }

    /// How the link and its meters are doing.
    package var health: LinkHealth { book.snapshot }
}
