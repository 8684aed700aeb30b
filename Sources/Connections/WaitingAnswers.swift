import Modbus
import Platform
import Synchronization

/// The whole answers that their clients have not taken yet, over all connections.
///
/// No other one is made while those that wait have too many bytes: the client that took nothing for longest, or takes too long, then
/// makes room.
package final class WaitingAnswers: Sendable {
    /// One of them; it counts for as long as somebody holds it.
    package final class Entry: Sendable {
        private let answers: WaitingAnswers
        private let number: Int

        fileprivate init(_ answers: WaitingAnswers, _ number: Int) { (self.answers, self.number) = (answers, number) }

        /// Its client took a piece.
        func took() { answers.took(number) }

        deinit { answers.leave(number) }
    }

    /// What whoever wants to make another answer does.
    package enum Turn: Hashable {
        /// There is room for it.
        case make
        /// It looks again after a while.
        case wait
    }

    private struct Waiting {
        var number: Int
        var bytes: Int
        var since: Int64
        var took: Int64
        /// Whether its client was sent away: what is left of it is soon gone.
        var isLeaving = false
        var disconnect: @Sendable () -> Void
    }

    private struct State {
        /// The oldest first.
        var waiting: [Waiting] = []
        var next = 0
    }

    /// Bytes of an answer that is sent whatever waits: connections are few, and this little of each does not matter.
    package static let small = 32_768
    /// Bytes that may wait when another answer is made.
    package let most: Int
    private let standstill: Int64
    private let lifetime: Int64
    private let clock: @Sendable () -> Int64
    private let state = Mutex(State())

    /// No answer yet. A client that takes nothing for `standstill` milliseconds, or is not done after `lifetime`, may have to make
    /// room.
    package init(
        most: Int = 2 << 20, standstill: Int64 = 500, lifetime: Int64 = 5000,
        clock: @escaping @Sendable () -> Int64 = MonotonicTime.now
    ) {
        self.most = most
        self.standstill = MonotonicTime.milliseconds(standstill)
        self.lifetime = MonotonicTime.milliseconds(lifetime)
        self.clock = clock
    }

    /// How many wait.
    package var count: Int { state.withLock { $0.waiting.count } }

    /// How many bytes wait.
    package var bytes: Int { state.withLock { $0.waiting.reduce(0) { $0 + $1.bytes } } }

    /// Waits until another answer may be made.
    package func room() async throws {
        while turn() == .wait { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Whether another answer may be made now; ends the connection that has to make room for it.
    package func turn() -> Turn {
        let now = clock()
        let (turn, late) = state.withLock { state -> (Turn, Waiting?) in
            guard state.waiting.reduce(0, { $0 + $1.bytes }) >= most else { return (.make, nil) }
            // One at a time: until it is gone its bytes are there.
            guard !state.waiting.contains(where: \.isLeaving),
                let slowest = state.waiting.indices.min(by: { state.waiting[$0].took < state.waiting[$1].took }),
                let index = now - state.waiting[slowest].took >= standstill
                    ? slowest : state.waiting.indices.first(where: { now - state.waiting[$0].since >= lifetime })
            else { return (.wait, nil) }
            state.waiting[index].isLeaving = true
            return (.wait, state.waiting[index])
        }
        late?.disconnect()
        return turn
    }

    /// Takes in an answer that was made for a client, which `disconnect` sends away.
    package func enter(bytes: Int, disconnect: @escaping @Sendable () -> Void) -> Entry {
        let since = clock()
        return state.withLock { state in
            state.next += 1
            state.waiting.append(
                Waiting(number: state.next, bytes: bytes, since: since, took: since, disconnect: disconnect))
            return Entry(self, state.next)
        }
    }

    private func took(_ number: Int) {
        let now = clock()
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return }
            state.waiting[index].took = now
        }
    }

    private func leave(_ number: Int) {
        state.withLock { state in state.waiting.removeAll { $0.number == number } }
    }
}
