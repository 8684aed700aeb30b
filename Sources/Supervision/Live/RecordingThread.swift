import Foundation
import Logging
import Metering
import Storage
import Synchronization

/// The one thread that writes the plant's record: every 200 ms it takes what came in and hands it to the recorder.
///
/// Where the database cannot be written (a full disk), what came in waits in memory and is tried again every second.
final class RecordingThread: Sendable {
    /// Work for the recorder besides readings; runs on the thread, between two rounds.
    private typealias Job = @Sendable (inout Recorder) -> Void

    private struct State {
        var jobs: [Job] = []
        var isStopping = false
        var hasEnded = false
        var fault: String?
        /// What is wrong with the database, where it was met damaged.
        var damage: String?
    }

    private static let round = 200

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let lastRound = Mutex(WallClock.steadyMilliseconds())
    private let intake: Mutex<Intake>
    private let logger: Logger

    /// A thread that records what the intake takes in.
    init(intake: Intake, logger: Logger) {
        self.intake = Mutex(intake)
        self.logger = logger
    }

    /// Starts with a recorder that `make` makes on the thread, and returns when it has taken over the store; throws
    /// what `make` throws.
    ///
    /// `eachRound` runs on the thread after the readings of each round.
    func start(
        _ make: @escaping @Sendable () throws -> Recorder,
        eachRound: @escaping @Sendable (Recorder, Instant) throws -> Void
    ) throws {
        let result = Mutex<Result<Void, any Error>?>(nil)
        let begun = DispatchSemaphore(value: 0)
        OwnThread.start("recorder") { [self] in
            do {
                var recorder = try make()
                result.withLock { $0 = .success(()) }
                begun.signal()
                run(&recorder, eachRound)
            } catch {
                result.withLock { $0 = .failure(error) }
                begun.signal()
            }
            state.withLock { $0.hasEnded = true }
            ended.signal()
        }
        begun.wait()
        try result.withLock { $0 }?.get()
    }

    /// Records what is left and ends the thread.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
        ended.wait()
        ended.signal()
    }

    /// Runs work with the recorder between two rounds and waits for it; to be called from threads that may block.
    func perform<T: Sendable>(_ work: @escaping @Sendable (inout Recorder) throws -> T) throws -> T {
        let result = Mutex<Result<T, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let isStopping = state.withLock { state in
            if !state.isStopping {
                state.jobs.append { recorder in
                    let outcome = Result { try work(&recorder) }
                    result.withLock { $0 = outcome }
                    done.signal()
                }
            }
            return state.isStopping
        }
        if isStopping { throw Complaint(.unreachable, "the daemon is stopping") }
        wake.signal()
        done.wait()
        guard let outcome = result.withLock({ $0 }) else { throw Complaint(.unreachable, "the daemon is stopping") }
        return try outcome.get()
    }

    /// Lets what comes in from now on come from another intake; to be called within ``perform(_:)``.
    func take(from other: Intake) { intake.withLock { $0 = other } }

    /// Why nothing can be recorded now; nil when all is well.
    var fault: String? { state.withLock { $0.fault } }

    /// What is wrong with the database, where it was met damaged; nil: it was not.
    var damage: String? { state.withLock { $0.damage } }

    /// Whether the thread has recorded all it could and ended.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Milliseconds since the thread last looked for work.
    var idle: Int64 { WallClock.steadyMilliseconds() - lastRound.withLock { $0 } }

    private func run(_ recorder: inout Recorder, _ eachRound: (Recorder, Instant) throws -> Void) {
        var backlog: [Reading] = []
        var steps: [Int64] = []
        var lastPass: Int64 = 0
        var pause = RecordingThread.round
        while true {
            _ = wake.wait(timeout: .now() + .milliseconds(pause))
            lastRound.withLock { $0 = WallClock.steadyMilliseconds() }
            let (jobs, isStopping) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isStopping)
            }
            let batch = intake.withLock { $0 }.drain()
            backlog += batch.readings
            steps += batch.steps
            do {
                while let step = steps.first {
                    try recorder.note(.clockStep(step), .clockStep(step), now: batch.clock)
                    steps.removeFirst()
                }
                if !backlog.isEmpty {
                    try recorder.record(backlog, now: batch.clock)
                    backlog = []
                }
                intake.withLock { $0 }.recorded()
                try eachRound(recorder, batch.clock)
                let steady = WallClock.steadyMilliseconds()
                if steady - lastPass >= 1000 {
                    try recorder.pass(to: batch.clock)
                    lastPass = steady
                }
                if fault != nil { logger.notice("recording goes on") }
                state.withLock { $0.fault = nil }
                pause = RecordingThread.round
            } catch {
                if fault == nil {
                    logger.error("recording waits, readings are kept in memory", metadata: ["error": "\(error)"])
                }
                if let fault = error as? StoreFault, fault.kind == .corrupt {
                    state.withLock { $0.damage = fault.message }
                }
                state.withLock { $0.fault = "\(error)" }
                pause = 1000
            }
            for job in jobs { job(&recorder) }
            if isStopping { return }
        }
    }
}
