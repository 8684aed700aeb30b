import Foundation
import Synchronization

/// Hands pieces of a long answer from a thread that reads the database to the connection that sends them, a few at a
/// time.
///
/// The reading thread waits while the connection is slow, and gives up with ``Abandoned`` when it went away or took
/// nothing for 30 s.
final class ChunkRelay: Sendable {
    /// Nobody wants the rest of the answer.
    struct Abandoned: Error {}

    private struct State {
        var chunks: [[UInt8]] = []
        var isFinished = false
        var isAbandoned = false
        var failure: (any Error)?
        var taker: CheckedContinuation<[UInt8]?, any Error>?
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 4)

    /// Called by the reading thread: hands over one piece.
    func send(_ chunk: [UInt8]) throws {
        if room.wait(timeout: .now() + .seconds(30)) == .timedOut { abandon() }
        let taker = try state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            if state.isAbandoned { throw Abandoned() }
            if let taker = state.taker {
                state.taker = nil
                return taker
            }
            state.chunks.append(chunk)
            return nil
        }
        if let taker {
            room.signal()
            taker.resume(returning: chunk)
        }
    }

    /// Called by the reading thread: there is no more, or it failed.
    func finish(_ failure: (any Error)? = nil) {
        let taker = state.withLock { state in
            state.isFinished = true
            state.failure = failure
            defer { state.taker = nil }
            return state.taker
        }
        if let failure { taker?.resume(throwing: failure) } else { taker?.resume(returning: nil) }
    }

    /// Called by the connection: the next piece; nil at the end.
    func next() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let chunk: Result<[UInt8]?, any Error>? = state.withLock { state in
                if !state.chunks.isEmpty { return .success(state.chunks.removeFirst()) }
                if let failure = state.failure { return .failure(failure) }
                if state.isFinished { return .success(nil) }
                state.taker = continuation
                return nil
            }
            guard let chunk else { return }
            if case .success(.some) = chunk { room.signal() }
            continuation.resume(with: chunk)
        }
    }

    /// Called by the connection: it wants no more.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        room.signal()
    }
}
