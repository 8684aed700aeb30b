import Conformity
import Metering
import Modbus
import Platform
import Synchronization

/// Hands pieces of a long answer from the thread that makes it to the connection that sends it, a few at a time.
///
/// The making thread waits while the connection is slow. It is told by ``Abandonment`` that nobody wants the rest: the
/// connection went away, took nothing for a while, or the whole answer lasted too long.
///
/// ```
/// let outlet = try ChunkRelay.start("listing") { send in
///     for page in pages { try send(page) }
/// }
/// while let piece = try await outlet.next() { try await write(piece) }
/// ```
package final class ChunkRelay: Sendable {
    /// How much of an answer is kept in memory, and how long one may take.
    package struct Limits: Sendable {
        /// Pieces that wait for the connection.
        package var pieces = 4
        /// Milliseconds that the connection may take for the next piece.
        package var patience: Int64 = 30_000
        /// Milliseconds from the first piece to the last.
        package var lifetime: Int64 = 600_000

        /// Limits; by default those of an answer that ends.
        package init(pieces: Int = 4, patience: Int64 = 30_000, lifetime: Int64 = 600_000) {
            (self.pieces, self.patience, self.lifetime) = (pieces, patience, lifetime)
        }
    }

    /// Why nobody wants the rest of an answer.
    package enum Abandonment: Error, Hashable {
        case hungUp, tooSlow, tooLong
    }

    /// Held by whoever takes the pieces; the answer is abandoned when it is gone, whichever way it went.
    package final class Outlet: Sendable {
        private let relay: ChunkRelay

        fileprivate init(_ relay: ChunkRelay) { self.relay = relay }

        deinit { relay.abandon(.hungUp) }

        /// The next piece; nil at the end. Throws what the making of the answer threw, or why it was abandoned.
        package func next() async throws -> [UInt8]? { try await relay.next() }
    }

    private enum Ending {
        case complete
        case failed(any Error)
    }

    private struct State {
        var chunks: [[UInt8]] = []
        var ending: Ending?
        var taker: CheckedContinuation<[UInt8]?, any Error>?
    }

    private enum Turn {
        case handed(CheckedContinuation<[UInt8]?, any Error>)
        case kept, full
    }

    private let state = Mutex(State())
    private let limits: Limits
    private let clock: @Sendable () -> Int64
    private let deadline: Int64
    /// Says that there is room, or an end; it is a hint and no count, so that it may be given any number of times.
    private let news = WakeSignal()

    private init(_ limits: Limits, _ clock: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.clock = clock
        deadline = clock() + MonotonicTime.milliseconds(limits.lifetime)
    }

    /// Runs `make` on a thread of its own and gives what takes its pieces; `clock` is what the limits are measured by.
    package static func start(
        _ name: String, _ limits: Limits = Limits(), clock: @escaping @Sendable () -> Int64 = MonotonicTime.now,
        _ make: @escaping @Sendable (_ send: @escaping ([UInt8]) throws -> Void) throws -> Void
    ) throws -> Outlet {
        let relay = ChunkRelay(limits, clock)
        try OwnThread.start(name) {
            do {
                try make { try relay.send($0) }
                relay.end(.complete)
            } catch {
                relay.end(.failed(error))
            }
        }
        return Outlet(relay)
    }

    /// Called by the making thread: hands over one piece.
    private func send(_ chunk: [UInt8]) throws {
        let patience = clock() + MonotonicTime.milliseconds(limits.patience)
        while true {
            switch try state.withLock({ try turn(chunk, &$0) }) {
            case .handed(let taker): return taker.resume(returning: chunk)
            case .kept: return
            case .full: break
            }
            let left = min(patience, deadline) - clock()
            if left <= 0 { abandon(patience <= deadline ? .tooSlow : .tooLong) }
            let slice = min(MonotonicTime.milliseconds(100), max(0, left))
            _ = Readiness.wait(news.descriptor, until: MonotonicTime.now() + slice)
            _ = news.settle()
        }
    }

    private func turn(_ chunk: [UInt8], _ state: inout State) throws -> Turn {
        if case .failed(let error) = state.ending { throw error }
        if let taker = state.taker {
            state.taker = nil
            return .handed(taker)
        }
        guard state.chunks.count < limits.pieces else { return .full }
        state.chunks.append(chunk)
        return .kept
    }

    private func next() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<[UInt8]?, any Error>? = state.withLock { state in
                if !state.chunks.isEmpty { return .success(state.chunks.removeFirst()) }
                switch state.ending {
                case .complete: return .success(nil)
                case .failed(let error): return .failure(error)
                case nil:
                    state.taker = continuation
                    return nil
                }
            }
            news.nudge()
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Nobody wants the rest: what was kept is let go.
    private func abandon(_ why: Abandonment) {
        state.withLock { $0.chunks = [] }
        end(.failed(why))
    }

    /// The first ending counts.
    private func end(_ ending: Ending) {
        let taker = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.ending == nil else { return nil }
            state.ending = ending
            defer { state.taker = nil }
            return state.taker
        }
        news.nudge()
        switch ending {
        case .complete: taker?.resume(returning: nil)
        case .failed(let error): taker?.resume(throwing: error)
        }
    }
}
