import PlantAPI
import PlantConfiguration
import Synchronization

/// Lets so many in at a time; a few more wait for a short while, and all others are sent away.
///
/// ```
/// let listings = Turnstile("long listings", places: 4)
/// let place = try await listings.enter()
/// // Inside for as long as somebody holds the place.
/// ```
package final class Turnstile: Sendable {
    /// A place inside, given back when nobody holds it any more: it cannot be given back twice, or be forgotten.
    package final class Place: Sendable {
        private let turnstile: Turnstile

        fileprivate init(_ turnstile: Turnstile) { self.turnstile = turnstile }

        deinit { turnstile.leave() }
    }

    private struct State {
        var inside = 0
        var nextWaiter = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    /// What the places are for, in words: `long listings`.
    package let purpose: String
    /// How many may be inside.
    package let places: Int
    private let queue: Int
    private let patience: Duration
    private let waiting: WaitingAnswers?
    private let state = Mutex(State())

    /// A turnstile before so many places, with so many waiting at most, each so long; whoever has a place also waits until there
    /// is room among the answers that wait.
    package init(
        _ purpose: String, places: Int, queue: Int = 32, patience: Duration = .seconds(2),
        behind waiting: WaitingAnswers? = nil
    ) {
        self.purpose = purpose
        self.places = places
        self.queue = queue
        self.patience = patience
        self.waiting = waiting
    }

    /// A place; throws a ``CommandError`` (69) where there is none in time.
    package func enter() async throws -> Place {
        let isIn = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.inside < places {
                    state.inside += 1
                    return true
                }
                guard state.waiting.count < queue else { return false }
                let number = state.nextWaiter
                state.nextWaiter += 1
                state.waiting.append((number, continuation))
                Task { [self] in
                    try? await Task.sleep(for: patience)
                    giveUp(number)
                }
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard isIn else {
            throw CommandError(
                .unreachable,
                "the daemon is busy: \(places) \(purpose) are under way, and no more are answered at a time; "
                    + "try again in some seconds, or end one of them", matter: .busy)
        }
        let place = Place(self)
        try await waiting?.room()
        return place
    }

    /// Who waits longest goes in at once.
    private func leave() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.inside -= 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).continuation }
        }
        waiter?.resume(returning: false)
    }
}
