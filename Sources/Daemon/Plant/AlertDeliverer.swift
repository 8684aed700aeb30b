import Alerting
import Logging
import PlantConfiguration
import Platform
import Synchronization

/// Brings the alerts of the record into their files as they come; the last service to end, so that the line about the
/// stop is on the disk, too.
final class AlertDeliverer: Sendable {
    /// How long it goes on.
    private enum Phase {
        /// More alerts may come.
        case atWork
        /// Once the recorder has ended, what is left is told, and then nothing more.
        case ending
    }

    private struct State {
        var phase = Phase.atWork
        /// The number of the last recorded alert.
        var last: Int
        var faults: [AlertFileFault] = []
    }

    /// Milliseconds after which files that could not be written are tried again; nothing else needs the time.
    private static let patience: Int64 = 5000

    private let writer: AlertWriter
    private let logger: Logger
    private let hasRecordingEnded: @Sendable () -> Bool
    private let state: Mutex<State>
    private let news = MonotonicSemaphore()

    /// A deliverer where alerts up to `last` are recorded; nothing runs yet.
    init(
        _ writer: AlertWriter, last: Int, logger: Logger, hasRecordingEnded: @escaping @Sendable () -> Bool
    ) {
        self.writer = writer
        self.logger = logger
        self.hasRecordingEnded = hasRecordingEnded
        state = Mutex(State(last: last))
    }

    /// The number of the last recorded alert.
    var last: Int { state.withLock { $0.last } }

    /// The files that could not be written the last time.
    var faults: [AlertFileFault] { state.withLock { $0.faults } }

    /// Takes over the files of a new configuration.
    func configure(_ files: [Plant.AlertDestination]) throws { try writer.configure(files) }

    /// Alerts are recorded up to this number.
    func notice(_ head: Int) {
        let isNew = state.withLock { state in
            defer { state.last = head }
            return head > state.last
        }
        if isNew { news.signal() }
    }

    /// Works until ``end()``, and then tells what is left; to be called on a thread of its own.
    func run() {
        while true {
            let isLast = state.withLock { $0.phase == .ending } && hasRecordingEnded()
            deliver()
            if isLast { return }
            _ = news.wait(milliseconds: AlertDeliverer.patience)
        }
    }

    /// Lets it end once all is recorded and told.
    ///
    /// Not before: a service that ends before it is asked to is a fault to whoever keeps the services.
    func end() {
        state.withLock { $0.phase = .ending }
        news.signal()
    }

    private func deliver() {
        let pass = writer.deliver()
        let before = state.withLock { state in
            defer { state.faults = pass.faults }
            return state.faults
        }
        for fault in pass.faults where !before.contains(fault) { logger.error("\(fault.description)") }
        for fault in before where !pass.faults.contains(where: { $0.path == fault.path }) {
            logger.notice("the alert file \(fault.path) is written again")
        }
    }
}
