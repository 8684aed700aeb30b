import Alerting
import Metering
import Storage
import Synchronization

/// An outbox in memory that can be told to fail, as when the process dies before a commit.
final class MemoryOutbox: AlertOutbox {
    struct Crash: Error {}

    private struct State {
        var alerts: [AlertRecord] = []
        var deliveries: [String: AlertDelivery] = [:]
        var recordsUntilCrash: Int?
    }

    private let state = Mutex(State())

    /// Puts alerts in, one for each severity.
    func enqueue(_ severities: String...) {
        state.withLock { state in
            for severity in severities {
                let seq = state.alerts.count + 1
                state.alerts.append(
                    AlertRecord(
                        seq: seq, time: Instant(milliseconds: Int64(seq) * 1000), severity: severity,
                        json: "{\"event\":\"e\(seq)\"}", text: "line \(seq)"))
            }
        }
    }

    /// From the one after so many records on, nothing is recorded any more.
    func crash(afterRecords count: Int) { state.withLock { $0.recordsUntilCrash = count } }

    /// The process was started again.
    func restart() { state.withLock { $0.recordsUntilCrash = nil } }

    func waiting(after number: Int, limit: Int) throws -> [AlertRecord] {
        state.withLock { Array($0.alerts.filter { $0.seq > number }.prefix(limit)) }
    }

    func head() throws -> Int { state.withLock { $0.alerts.count } }

    func delivery(path: String) throws -> AlertDelivery? { state.withLock { $0.deliveries[path] } }

    func record(_ delivery: AlertDelivery) throws {
        try state.withLock { state in
            if let left = state.recordsUntilCrash {
                if left == 0 { throw Crash() }
                state.recordsUntilCrash = left - 1
            }
            state.deliveries[delivery.path] = delivery
        }
    }
}
