import Conformity
import Metering
import PlantAPI
import PlantConfiguration
import Platform
import RecordStream
import Storage
import Synchronization

/// Sends the record to one target, on a thread of its own: what has just come in first, and beside it, in the order of
/// recording, all that the target has not got.
///
/// The cursors stand in the database and go on only after the answer: a kill repeats a batch, which is harmless, and loses
/// none. `@unchecked Sendable`: what is not in `shared` is only touched by its thread.
final class ForwardRunner: @unchecked Sendable {
    struct Shared {
        var isEnding = false
        var live = LiveReadings()
        var cursors: [ForwardTarget.Stream: ForwardCursor] = [:]
        var nextTry: Instant?
        var fault: String?
        /// What people have to look after, in sentences: of the target, and of its journal alone.
        var trouble: String?
        var journalTrouble: String?
        /// Lines acknowledged, by stream, with the steady time: those of the last minute.
        var taken: [(at: Int64, stream: ForwardTarget.Stream, lines: Int)] = []
    }

    /// Lines of one request at most.
    static let most = 5000
    private static let pause: Int64 = 1000
    private static let heartbeat: Int64 = 60_000

    let target: ForwardTarget
    let shared = Mutex(Shared())
    private let store: PlantStore
    let around: ForwardSurroundings
    private let portions: ForwardPortions
    private let wake = MonotonicSemaphore()
    private let ended = MonotonicSemaphore()
    private var destination: (any ForwardDestination)?
    private var wait = ForwardWait()
    private var most = ForwardRunner.most
    private var cosignatures: CosignatureIntake
    private var nextBeat: Int64 = 0
    private var lastHead = 0
    /// Since when something has been waiting; nil: the target had all.
    private var behindSince: Instant?
    private var isLagTold = false
    private var lastRejection: Int64?
    private var budget: DayBudget?
    /// Until when, of the steady clock, the journal alone is left: a line of it is refused.
    var journalRests: Int64 = 0
    var lastDenial: Int64?

    /// A runner; nothing runs yet.
    init(_ target: ForwardTarget, store: PlantStore, around: ForwardSurroundings) {
        self.target = target
        self.store = store
        self.around = around
        portions = ForwardPortions(store: store)
        cosignatures = CosignatureIntake(of: target)
        budget = DayBudget(of: target)
    }

    var isEnding: Bool { shared.withLock { $0.isEnding } }

    /// Starts its thread.
    func start() throws { try OwnThread.start("forward") { self.run() } }

    /// Lets it end; ``join(until:)`` waits for that.
    func end() {
        shared.withLock { $0.isEnding = true }
        wake.signal()
    }

    /// Waits until it has ended, at most until that moment of the steady clock; false where it has not.
    ///
    /// A library that looks up a name, or connects to a host that keeps silent, may hold its thread for minutes. Nothing is
    /// sent any more when that returns.
    func join(until moment: Int64) -> Bool {
        guard ended.wait(milliseconds: max(0, moment - WallClock.steadyMilliseconds())) else { return false }
        ended.signal()
        return true
    }

    /// Takes readings that have just come in.
    func take(_ readings: [NumberedReading]) {
        guard target.streams.contains(.readings) else { return }
        let since = target.since ?? .distantPast
        shared.withLock { $0.live.take(readings.filter { $0.time >= since }) }
    }

    // MARK: The thread

    private func run() {
        defer { ended.signal() }
        let ending: @Sendable () -> Bool = { [weak self] in self?.isEnding ?? true }
        let destination = target.destination(isEnding: ending)
        self.destination = destination
        while !isEnding {
            var isIdle = true
            if let now = around.now() {
                do {
                    // What was sent in vain counts too: it went over the line.
                    defer { budget?.count(destination.takeBytes()) }
                    isIdle = try !round(destination, now: now)
                    succeeded(isIdle: isIdle, now: now)
                } catch let failure as ForwardFailure {
                    failed(failure, now: now)
                    if case .denied = failure { destination.close() }
                    if case .later = failure { destination.close() }
                } catch {
                    failed(.later("the record cannot be read: \(error)"), now: now)
                }
                watchLag(now: now)
            }
            if isIdle, !isEnding { _ = wake.wait(milliseconds: pauseNow()) }
        }
        // The last round's are not on record yet.
        try? budget?.keep(store)
        destination.close()
    }

    private func pauseNow() -> Int64 {
        let (next, now) = (shared.withLock { $0.nextTry }, around.now())
        guard let next, let now else { return ForwardRunner.pause }
        return max(50, min(next - now, ForwardWait.longest))
    }

    /// Does what there is to do once; whether there was something.
    private func round(_ destination: any ForwardDestination, now: Instant) throws -> Bool {
        try openCursors()
        try budget?.mind(now: now, store)
        var site = around.site()
        site.lines = try store.read { try $0.journalHead().seq }
        if let held = try destination.open(site) {
            try adjust(toHeld: held)
            nextBeat = 0
        }
        var didSomething = try sendLive(destination)
        var unreadable: (any Error)?
        for stream in target.streams where stream != .journal || WallClock.steadyMilliseconds() >= journalRests {
            do {
                didSomething = try sendNext(stream, destination) || didSomething
                if stream == .journal { shared.withLock { $0.journalTrouble = nil } }
            } catch ForwardFailure.refused(let said) where stream == .journal {
                restJournal(said)
            } catch let failure as ForwardFailure {
                throw failure
            } catch {
                // What cannot be read of one stream holds up no other.
                unreadable = unreadable ?? error
            }
        }
        if target.streams.contains(.journal) { try sendHeads(destination) }
        let steady = WallClock.steadyMilliseconds()
        if steady >= nextBeat {
            try destination.beat(now: now)
            try cosignatures.take(from: destination, store, around)
            nextBeat = steady + ForwardRunner.heartbeat
        }
        if let unreadable { throw unreadable }
        return didSomething
    }

    private func openCursors() throws {
        guard shared.withLock({ $0.cursors.count < target.streams.count }) else { return }
        let known = try store.read { try $0.forwardCursors() }.filter { $0.target == target.name }
        var cursors: [ForwardTarget.Stream: ForwardCursor] = [:]
        for stream in target.streams {
            if let cursor = known.first(where: { $0.stream == stream.rawValue }) {
                cursors[stream] = cursor
            } else {
                // A gap in the journal would be refused: it always begins with its first line.
                let since = stream == .journal ? .distantPast : target.since ?? .distantPast
                cursors[stream] = try store.write { writer in
                    let cursor = try writer.newCursor(target.name, stream.rawValue, since: since)
                    try writer.put(cursor)
                    return cursor
                }
            }
        }
        shared.withLock { $0.cursors = cursors }
    }

    /// The target may have lost what it had, or may know more of this site than we do.
    private func adjust(toHeld held: Int) throws {
        guard var cursor = shared.withLock({ $0.cursors[.journal] }) else { return }
        lastHead = 0
        let head = try store.read { try $0.journalHead().seq }
        guard held <= head else {
            throw ForwardFailure.denied(
                "it has \(held) lines of this site's journal, and this database only \(head): an older copy of the "
                    + "database is in use, or another gateway has the name '\(target.site)'")
        }
        guard held != cursor.first else { return }
        if held == 0 {
            around.log("forward target '\(target.name)' has nothing of this site: all is sent again")
            for stream in target.streams {
                let since = stream == .journal ? .distantPast : target.since ?? .distantPast
                var fresh = try store.read { _ in
                    ForwardCursor(target: target.name, stream: stream.rawValue, since: since)
                }
                fresh.lines = 0
                if stream == .windows || stream == .verdicts { fresh.past = (0, since.milliseconds) }
                try keep(fresh, stream)
            }
            shared.withLock { $0.live.forget() }
            return
        }
        cursor.first = Int64(held)
        try keep(cursor, .journal)
    }

    private func keep(_ cursor: ForwardCursor, _ stream: ForwardTarget.Stream) throws {
        try store.write { try $0.put(cursor) }
        shared.withLock { $0.cursors[stream] = cursor }
    }

    // MARK: Sending

    private func sendLive(_ destination: any ForwardDestination) throws -> Bool {
        let readings = shared.withLock { $0.live.next(ForwardRunner.most) }
        if readings.isEmpty { return false }
        let named = try store.read { try portions.named(readings, $0) }
        try deliver(.readings(named), .readings, destination)
        shared.withLock { $0.live.noteSent(readings) }
        noteTaken(.readings, named.count)
        if var cursor = shared.withLock({ $0.cursors[.readings] }) {
            // They stand in the database with the rows that follow.
            cursor.lines += named.count
            cursor.acknowledged = around.now()
            shared.withLock { [cursor] in $0.cursors[.readings] = cursor }
        }
        return readings.count >= ForwardRunner.most
    }

    private func sendNext(_ stream: ForwardTarget.Stream, _ destination: any ForwardDestination) throws -> Bool {
        guard let cursor = shared.withLock({ $0.cursors[stream] }),
            var portion = try portions.next(stream, after: cursor, about: most)
        else { return false }
        if case .readings(let readings) = portion.batch {
            // What was sent before it was stored is not sent again.
            let left = shared.withLock { $0.live.unsent(readings.map(\.reading)) }
            if left.count < readings.count {
                let wanted = Set(left)
                portion.batch = .readings(readings.filter { wanted.contains($0.reading) })
            }
        }
        if stream == .journal {
            // A line that the next loss of power takes away here must not stand there.
            store.flush()
            if let fault = store.flushFault { throw ForwardFailure.later(fault.message) }
        }
        if portion.batch.count > 0 {
            try deliver(portion.batch, stream, destination)
            noteTaken(stream, portion.batch.count)
            portion.cursor.acknowledged = around.now()
        }
        for fault in portion.damaged {
            try keep(
                rejected: fault, "not sent: it cannot be read", stream,
                "readings cannot be read, and \(target.name) does not get them: \(fault); the rest goes on")
        }
        portion.cursor.lines += portion.batch.count
        try keep(portion.cursor, stream)
        return true
    }

    private func sendHeads(_ destination: any ForwardDestination) throws {
        guard let reached = shared.withLock({ $0.cursors[.journal] })?.first else { return }
        // There is one a day for years, and this is asked every second.
        let heads = try store.read { try $0.heads(after: lastHead) }.filter { $0.size <= reached }
        guard let last = heads.last else { return }
        try destination.send(.heads(heads))
        lastHead = last.number
    }

    /// Sends a batch; what a target refuses is found by halves, and kept.
    private func deliver(
        _ batch: ForwardBatch, _ stream: ForwardTarget.Stream, _ destination: any ForwardDestination
    ) throws {
        do {
            try destination.send(batch)
        } catch {
            let isSingle = batch.count <= 1
            switch error {
            case .tooLarge where !isSingle:
                most = max(100, most / 2)
                try deliverHalves(batch, stream, destination)
            // Its lines hang together: none is left out.
            case .refused where stream == .journal: throw error
            case .refused where !isSingle: try deliverHalves(batch, stream, destination)
            case .refused(let said), .tooLarge(let said): try reject(batch, said, stream)
            case .later, .denied, .ending: throw error
            }
        }
    }

    private func deliverHalves(
        _ batch: ForwardBatch, _ stream: ForwardTarget.Stream, _ destination: any ForwardDestination
    ) throws {
        let half = batch.count / 2
        try deliver(batch.part(0..<half), stream, destination)
        try deliver(batch.part(half..<batch.count), stream, destination)
    }

    private func reject(_ batch: ForwardBatch, _ answer: String, _ stream: ForwardTarget.Stream) throws {
        try keep(
            rejected: batch.words, answer, stream,
            "\(target.name) refuses a line of \(stream.rawValue) for good: \(answer.prefix(300)); it is kept, "
                + "and the rest goes on (emsctl forward)")
    }

    /// Keeps what the target does not get, and tells it where that is news.
    private func keep(
        rejected line: String, _ answer: String, _ stream: ForwardTarget.Stream, _ message: String
    ) throws {
        let now = around.now() ?? .distantPast
        try store.write { try $0.reject(line, answer, target: target.name, stream: stream.rawValue, at: now) }
        let steady = WallClock.steadyMilliseconds()
        // Of a thousand that are refused for one reason the first says it.
        if let last = lastRejection, steady - last < 3_600_000 { return }
        lastRejection = steady
        around.tell(
            .init(
                event: "forward_rejected", severity: .warning, message: message,
                details: [.init("target", .text(target.name)), .init("stream", .text(stream.rawValue))]))
    }

    // MARK: Standing

    private func noteTaken(_ stream: ForwardTarget.Stream, _ lines: Int) {
        let now = WallClock.steadyMilliseconds()
        shared.withLock { shared in
            shared.taken.append((now, stream, lines))
            if shared.taken.count > 600 { shared.taken.removeFirst(shared.taken.count - 600) }
        }
    }

    private func succeeded(isIdle: Bool, now: Instant) {
        wait.succeeded()
        let fault = shared.withLock { shared in
            defer { (shared.fault, shared.nextTry, shared.trouble) = (nil, nil, nil) }
            return shared.fault
        }
        if fault != nil { around.log("forward target '\(target.name)' takes its lines again") }
        behindSince = isIdle ? nil : behindSince ?? now
    }

    private func failed(_ failure: ForwardFailure, now: Instant) {
        if failure == .ending { return }
        let pause = wait.next(after: failure)
        behindSince = behindSince ?? now
        let isNews = shared.withLock { shared in
            defer { (shared.fault, shared.nextTry) = (failure.message, now + pause) }
            return shared.fault == nil
        }
        if case .denied = failure {
            shared.withLock { $0.trouble = "nothing is forwarded to '\(target.name)': \(failure.message)" }
            tellDenial("\(target.name) gets nothing: \(failure.message); it is tried again every 5 min")
        }
        if isNews { around.log("forward target '\(target.name)': \(failure.message)") }
    }

    private func watchLag(now: Instant) {
        guard let since = behindSince, now - since > target.alertAfter else {
            isLagTold = false
            return
        }
        if isLagTold { return }
        isLagTold = true
        let cause = shared.withLock { $0.fault }.map { ": \($0)" } ?? ""
        shared.withLock { shared in
            shared.trouble =
                "nothing is forwarded to '\(target.name)': "
                + (shared.fault ?? "it has not got all lines since \(since.text)")
        }
        around.tell(
            .init(
                event: "forward_lag", severity: .warning,
                message:
                    "\(target.name) has not got all lines since \(since.text)\(cause); they wait and are sent later",
                details: [.init("target", .text(target.name)), .init("since", .text(since.text))]))
    }
}
