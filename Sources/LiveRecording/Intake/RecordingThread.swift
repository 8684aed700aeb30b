import DatabaseFile
import Foundation
import Logging
import Metering
import PlantAPI
import Platform
import Recording
import Storage
import Synchronization

/// The one thread that writes the plant's record: every 200 ms it takes what came in and hands it to the recorder.
///
/// What is not worth a commit yet goes to the tail, where a kill does not lose it, and once a second to the disk. It is
/// committed as soon as somebody is to be told something or a decision is to be recorded, before anybody is answered,
/// within ``windowPatience`` of a window's closing (``windowPatienceOfMany`` where ``many`` readings wait), and at the
/// latest after ``patience`` or when very many readings wait. Where the database cannot be written (a full disk), what came
/// in waits in memory and is tried again after a while (``RecordingRetry``).
///
/// ```
/// let recording = RecordingThread(intake: intake, store: store, tail: try ReadingTail(of: store), logger: logger)
/// try recording.start {
///     let recorder = Recorder(store: store, plant: plant, isLive: true)
///     try recorder.start(now: now())
///     return recorder
/// } eachRound: { recorder, now in
/// }
/// let objectives = try recording.perform { recorder in recorder.plant.objectives.count }
/// recording.stop()
/// ```
package final class RecordingThread: Sendable {
    /// Work for the recorder besides readings; runs on the thread, between two rounds.
    private struct Job: Sendable {
        /// Whether all that came in before has to be committed.
        var settles: Bool
        /// Whether it waits until the recorder is open; otherwise it goes without what waits for that.
        var waits: Bool
        /// Does the work, or only says why it cannot be done.
        var run: @Sendable (inout Recorder, _ fault: (any Error)?) -> Void
    }

    private struct State {
        var jobs: [Job] = []
        var isStopping = false
        var hasEnded = false
        var fault: String?
        var unreadable: [String] = []
        /// What else of the recorder's work is put off, in a sentence; readings are recorded.
        var putOff: String?
        var tailFault: StoreFault?
        /// What is wrong with the database, where it was met damaged.
        var damage: String?
        /// What was noticed about the clock within a job.
        var news: [ClockNews] = []
        /// What the recorder has still to compute, in sentences.
        var work: [String] = []
        /// How long nothing that came in was taken, round by round.
        var rounds = RoundTimes()
    }

    private static let round: Int64 = 200
    /// Milliseconds between two rounds while there is more to do: for whoever else wants the processor.
    private static let breath: Int64 = 10
    /// Milliseconds of work that is done between two rounds; with what ends it, and the commit, nobody waits for longer
    /// than about 100 ms.
    private static let portion: Int64 = 30
    /// Milliseconds after which readings are committed whatever they say; measured: with a minute the commits alone would
    /// take half of what the disk is to be spared for.
    static let patience: Int64 = 300_000
    /// The same for windows that have closed: those of one edge close within seconds of each other and go in one commit.
    static let windowPatience: Int64 = 10_000
    /// The same where so many readings are held: in a large plant each commit is large, and windows of some minutes go
    /// together.
    static let windowPatienceOfMany: Int64 = 120_000
    static let many = 2000

    private let state = Mutex(State())
    private let wake = MonotonicSemaphore()
    private let ended = MonotonicSemaphore()
    private let lastRound = Mutex(WallClock.steadyMilliseconds())
    private let intake: Intake
    private let tail: ReadingTail?
    /// Whether each round is brought to the disk, and not only each second.
    private let syncsEachRound: Bool
    private let logger: Logger
    private let store: PlantStore
    /// Is given all readings as they come in.
    private let passing: @Sendable ([Reading]) -> Void

    /// A thread that records what the intake takes in; without a tail each round is committed.
    package init(
        intake: Intake, store: PlantStore, tail: ReadingTail? = nil, syncsEachRound: Bool = false, logger: Logger,
        passing: @escaping @Sendable ([Reading]) -> Void = { _ in }
    ) {
        self.passing = passing
        self.store = store
        self.intake = intake
        self.tail = tail
        self.syncsEachRound = syncsEachRound
        self.logger = logger
    }

    /// Starts with a recorder that `make` makes on the thread, and returns when it has taken over the store; throws
    /// what `make` throws.
    ///
    /// `eachRound` runs on the thread after the readings of each round; where `hasNews` says that it will write
    /// something, they are committed before.
    package func start(
        _ make: @escaping @Sendable () throws -> Recorder, hasNews: @escaping @Sendable () -> Bool = { false },
        eachRound: @escaping @Sendable (Recorder, Instant) throws -> Void
    ) throws {
        let result = Mutex<Result<Void, any Error>?>(nil)
        let begun = MonotonicSemaphore()
        try OwnThread.start("recorder") { [self] in
            do {
                var recorder = try make()
                result.withLock { $0 = .success(()) }
                begun.signal()
                run(&recorder, hasNews, eachRound)
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
    package func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
        ended.wait()
        ended.signal()
    }

    /// Runs work with the recorder between two rounds and waits for it; to be called from threads that may block.
    ///
    /// With `settling` all that came in until now is committed before, and it throws where that cannot be; where the
    /// recorder is being opened the work waits for that, or without `waiting` goes before it.
    package func perform<T: Sendable>(
        settling: Bool = true, waiting: Bool = true, _ work: @escaping @Sendable (inout Recorder) throws -> T
    ) throws -> T {
        let result = Mutex<Result<T, any Error>?>(nil)
        let done = MonotonicSemaphore()
        let isStopping = state.withLock { state in
            if !state.isStopping {
                state.jobs.append(
                    Job(settles: settling, waits: settling && waiting) { recorder, fault in
                        let outcome = Result {
                            if let fault { throw fault }
                            return try work(&recorder)
                        }
                        result.withLock { $0 = outcome }
                        done.signal()
                    })
            }
            return state.isStopping
        }
        if isStopping { throw CommandError(.unreachable, "the daemon is stopping") }
        wake.signal()
        done.wait()
        guard let outcome = result.withLock({ $0 }) else { throw CommandError(.unreachable, "the daemon is stopping") }
        // Who is answered may rely on it.
        store.flush()
        return try outcome.get()
    }

    /// Sees to it that all that came in until now is committed and on the disk, as far as the database can be written and
    /// the recorder is open.
    package func settle() { try? perform(waiting: false) { _ in } }

    /// Commits all that came in up to this moment, within ``perform(settling:waiting:_:)``; returns the moment: everything
    /// that comes later is after it.
    package func cut(_ recorder: Recorder) throws -> Instant {
        let batch = intake.drain()
        state.withLock { $0.news += batch.news }
        tail?.take(batch.readings)
        recorder.hold(batch.readings)
        try commit(recorder, batch)
        return batch.clock
    }

    /// What is stored and cannot be read, in sentences.
    package var unreadable: [String] { state.withLock { $0.unreadable } }

    /// What is still to be computed from what is stored, in sentences.
    package var work: [String] { state.withLock { $0.work } }

    /// How long the recorder took nothing of what came in, round by round.
    package var roundTimes: RoundTimes { state.withLock { $0.rounds } }

    /// Why nothing can be recorded now; nil when all is well.
    package var fault: String? { state.withLock { $0.fault } }

    /// What else of the recorder's work is put off although readings are recorded, in a sentence; nil: nothing.
    package var putOff: String? { state.withLock { $0.putOff } }

    /// What is wrong with the database, where it was met damaged; nil: it was not.
    package var damage: String? { state.withLock { $0.damage } }

    /// Whether the thread has recorded all it could and ended.
    package var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Something was done: the recorder is not stuck.
    package func madeProgress() { lastRound.withLock { $0 = WallClock.steadyMilliseconds() } }

    /// Milliseconds since the thread last looked for work, or came on in what it does.
    package var idle: Int64 { WallClock.steadyMilliseconds() - lastRound.withLock { $0 } }

    /// What a round of the thread has in hand from the one before.
    private struct Rounds {
        /// What was noticed about the clock and is not in the journal yet.
        var news: [ClockNews] = []
        /// Whether there is more to do than fits into a round.
        var isBusy = false
        var due = RecordingDue()
        var retry = RecordingRetry()
        /// Whether time passes in the record as it should, so that windows close.
        var isMoving = true
    }

    private func run(
        _ recorder: inout Recorder, _ hasNews: () -> Bool, _ eachRound: (Recorder, Instant) throws -> Void
    ) {
        var rounds = Rounds()
        while true {
            _ = wake.wait(milliseconds: rounds.isBusy ? RecordingThread.breath : RecordingThread.round)
            let steady = WallClock.steadyMilliseconds()
            if rounds.isMoving { madeProgress() }
            let (jobs, isStopping, noticed) = state.withLock { state in
                defer { (state.jobs, state.news) = ([], []) }
                return (state.jobs, state.isStopping, state.news)
            }
            let batch = intake.drain()
            rounds.news += noticed + batch.news
            keep(batch.readings, in: recorder, &rounds.due)
            passing(batch.readings)
            var failure = rounds.retry.fault
            if isStopping || rounds.retry.isDue(at: steady, free: freeSpace) {
                // What failed goes on with a commit that succeeds, and not with a round that had nothing to write.
                let isAsked = jobs.contains(where: \.settles) || failure != nil
                failure = attempt(&rounds, recorder, batch, isStopping) {
                    isAsked || isStopping || !$0.isEmpty || hasNews()
                }
                finishRound(recorder, batch, failure, eachRound)
            }
            intake.recorded(keeping: recorder.held)
            note(work: recorder)
            perform(jobs, with: &recorder, failure, isStopping: isStopping)
            if isStopping { return }
            state.withLock { $0.rounds.count(WallClock.steadyMilliseconds() - steady) }
        }
    }

    /// The recording of one round; returns what failed, after which it waits for a while.
    private func attempt(
        _ rounds: inout Rounds, _ recorder: Recorder, _ batch: Intake.Batch, _ isStopping: Bool,
        _ isWanted: ([ClockNews]) -> Bool
    ) -> (any Error)? {
        do {
            try record(&rounds, recorder, batch, isStopping, isWanted)
            if rounds.retry.fault != nil { logger.notice("recording goes on") }
            rounds.retry = RecordingRetry()
            return nil
        } catch {
            if rounds.retry.fault == nil {
                logger.error("recording waits, readings are kept in memory", metadata: ["error": "\(error)"])
            }
            rounds.isBusy = false
            rounds.isMoving = true
            rounds.retry.failed(error, at: WallClock.steadyMilliseconds(), free: freeSpace())
            return error
        }
    }

    /// What one round brings into the record: a portion of the opening or of the time that passed, a commit where one is
    /// wanted or due, and a portion of what is still to be computed.
    private func record(
        _ rounds: inout Rounds, _ recorder: Recorder, _ batch: Intake.Batch, _ isStopping: Bool,
        _ isWanted: ([ClockNews]) -> Bool
    ) throws {
        rounds.isMoving = true
        // One portion of work a round, whichever it is.
        let wasOpen = recorder.isOpen
        try recorder.openOn(for: RecordingThread.portion, now: batch.now)
        let target = recorder.timeToPass(to: batch.clock)
        if !recorder.isOpen {
            // What is held waits in the tail until it is.
        } else if let target {
            let reached = recorder.reached
            try recorder.passOn(to: target, for: RecordingThread.portion, now: batch.now)
            rounds.isMoving = recorder.reached > reached
        } else if rounds.due.isSecondOver {
            recorder.holdOn(to: batch.clock)
        }
        let isDue = rounds.due.isPatienceOver || isTailFull || recorder.isCommitDue
        if recorder.isOpen ? isWanted(rounds.news) || (isDue && target == nil) : isStopping && isTailFull {
            try commit(recorder, batch)
            rounds.due.committed()
        }
        while let first = rounds.news.first {
            try recorder.note(first.entry, first.alert, now: batch.now)
            logger.warning("\(first.sentence)")
            rounds.news.removeFirst()
        }
        if target == nil, wasOpen, recorder.isOpen {
            try recorder.workOff(for: RecordingThread.portion, now: batch.now)
        }
        rounds.isBusy = target != nil || !recorder.isOpen || recorder.isWorkLeft
    }

    /// The rest of a round, and the word on how it went.
    private func finishRound(
        _ recorder: Recorder, _ batch: Intake.Batch, _ failure: (any Error)?,
        _ eachRound: (Recorder, Instant) throws -> Void
    ) {
        var rest: (any Error)?
        if failure == nil {
            do {
                try eachRound(recorder, batch.now)
            } catch {
                // The record itself goes on; the rest is tried again in the next round.
                if putOff == nil { logger.error("\(error)") }
                rest = error
            }
        }
        note(failure, rest)
        state.withLock { [unreadable = recorder.unreadable] in $0.unreadable = unreadable }
    }

    /// Does the jobs, or puts those that need the recorder open back before what has come since.
    private func perform(
        _ jobs: [Job], with recorder: inout Recorder, _ failure: (any Error)?, isStopping: Bool
    ) {
        var later: [Job] = []
        for job in jobs {
            if job.waits, !recorder.isOpen, failure == nil, !isStopping {
                later.append(job)
            } else {
                job.run(&recorder, job.settles ? failure : nil)
            }
        }
        if !later.isEmpty, !isStopping { state.withLock { $0.jobs = later + $0.jobs } }
    }

    private func note(_ failure: (any Error)?, _ rest: (any Error)?) {
        let cause = failure ?? (rest as? WorkPutOff)?.cause ?? rest
        let damage = (cause as? StoreFault).flatMap { $0.kind == .corrupt ? $0.message : nil }
        state.withLock { state in
            state.fault = failure.map { "\($0)" }
            state.putOff = rest.map { "\($0)" }
            if let damage { state.damage = damage }
        }
    }

    private func note(work recorder: Recorder) {
        let work = recorder.work
        state.withLock { $0.work = work }
    }

    private func freeSpace() -> Int64? { DiskSpace(of: store.directory)?.free }

    /// Hands readings to the recorder and makes them safe.
    private func keep(_ readings: [Reading], in recorder: Recorder, _ due: inout RecordingDue) {
        let steady = WallClock.steadyMilliseconds()
        due.look(
            at: steady, held: recorder.held + readings.count, holdsWindows: recorder.holdsWindows)
        tail?.take(readings)
        if syncsEachRound { tail?.flush() } else if due.isSecondOver { tail?.flushSoon() }
        recorder.hold(readings)
        noticeTail()
    }

    private func commit(_ recorder: Recorder, _ batch: Intake.Batch) throws {
        let last = tail?.last
        try recorder.commit(now: batch.now, through: batch.clock, tail: last)
        // What still waits is only there.
        if let last, !recorder.holdsAny { tail?.committed(last) }
    }

    /// Whether the tail does not keep readings, or not many more.
    private var isTailFull: Bool { tail.map { !$0.isAtWork || $0.isFilling } ?? true }

    private func noticeTail() {
        let fault = tail?.fault
        let before = state.withLock { state in
            defer { state.tailFault = fault }
            return state.tailFault
        }
        guard fault != before else { return }
        if let fault { logger.error("\(fault.message)") } else { logger.notice("the tail is written again") }
    }
}
