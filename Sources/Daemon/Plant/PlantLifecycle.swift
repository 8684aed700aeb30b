import Synchronization

/// How far the running plant has come in its life, and what ends it; every service may ask.
final class PlantLifecycle: Sendable {
    /// Where it stands.
    enum Phase: Sendable, Hashable {
        /// Everything runs.
        case running
        /// It was told to end: what has come in is recorded and told, and nothing new is begun.
        case ending
        /// It is about to end by itself, to begin again on a new database; its services are not told yet.
        case beginningAgain
        /// Its services end, to begin again on a new database.
        case endingToBeginAgain
    }

    private struct State {
        var phase = Phase.running
        var end: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    /// Where it stands.
    var phase: Phase { state.withLock { $0.phase } }

    /// Whether its services end.
    var isStopping: Bool { [.ending, .endingToBeginAgain].contains(phase) }

    /// Whether it ends to begin again on a new database.
    var isRestarting: Bool { [.beginningAgain, .endingToBeginAgain].contains(phase) }

    /// What ends all services.
    func ends(by end: @escaping @Sendable () -> Void) { state.withLock { $0.end = end } }

    /// Its services are told to end.
    func beginStop() {
        state.withLock { state in
            state.phase = state.phase == .running || state.phase == .ending ? .ending : .endingToBeginAgain
        }
    }

    /// Decides that it begins again; what to call to end all services, or nil where it ends already.
    func beginAgain() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.phase == .running else { return nil }
            state.phase = .beginningAgain
            return state.end
        }
    }
}
