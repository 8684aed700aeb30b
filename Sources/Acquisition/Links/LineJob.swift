import Modbus
import Platform
import Synchronization

/// One question that somebody who sets up the plant has for a device, asked by the link's thread when polling leaves room.
final class LineJob: Sendable {
    enum Question: Sendable {
        case read(ReadRequest)
        case identify(UInt8)
    }

    enum Answer: Sendable {
        case words([UInt16])
        case objects([UInt8: String])
    }

    let question: Question
    /// Since when whoever asks has waited for room on the line, on the monotonic clock.
    let waitingSince: Int64
    private let done = WakeSignal()
    private let result = Mutex<Result<Answer, ModbusFailure>?>(nil)

    init(_ question: Question, waitingSince: Int64) {
        self.question = question
        self.waitingSince = waitingSince
    }

    /// Ends the wait of whoever asked.
    func finish(_ outcome: Result<Answer, ModbusFailure>) {
        result.withLock { $0 = outcome }
        done.raise()
    }

    /// The answer; a failure of `linkDown` where the link's thread did not come to it in time.
    func wait(until moment: Int64) throws(ModbusFailure) -> Answer {
        _ = Readiness.wait(done.descriptor, until: moment)
        return try (result.withLock { $0 } ?? .failure(.linkDown)).get()
    }
}

/// The questions that wait for a link's thread.
final class LineJobQueue: Sendable {
    private struct State {
        var waiting: [LineJob] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    /// Looked at before every slot, which is all that is done about it as a rule.
    private let isEmpty = Atomic<Bool>(true)

    /// The question that has waited longest.
    var first: LineJob? {
        isEmpty.load(ordering: .acquiring) ? nil : state.withLock { $0.waiting.first }
    }

    /// Takes a question in; false where nobody will come to it any more.
    func add(_ job: LineJob) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.waiting.append(job)
            isEmpty.store(false, ordering: .releasing)
            return true
        }
    }

    /// Takes the first one out, to be answered.
    func next() -> LineJob? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            isEmpty.store(state.waiting.count == 1, ordering: .releasing)
            return state.waiting.removeFirst()
        }
    }

    /// Refuses all that wait, and all that come.
    func close() {
        let left = state.withLock { state in
            defer {
                state.waiting = []
                state.isOpen = false
            }
            return state.waiting
        }
        for job in left { job.finish(.failure(.linkDown)) }
    }
}
