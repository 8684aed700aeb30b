import Metering
import Platform

/// Simulated time: milliseconds since the scenario's epoch, or since the start where it has none.
struct SimulationClock: Sendable {
    private let startedAt: Int64
    private let origin: Int64
    private let speed: Double

    /// A clock that starts now and runs that many times as fast as the real one.
    init(epoch: Instant?, speed: Double) {
        startedAt = MonotonicTime.now() / 1_000_000
        // With an epoch a simulation that is started again goes on where the wall clock is, and its counters never step back.
        origin = epoch.map { WallClock.milliseconds() - $0.milliseconds } ?? 0
        self.speed = speed
    }

    /// Milliseconds of simulated time.
    func now() -> Int64 {
        let elapsed = MonotonicTime.now() / 1_000_000 - startedAt
        return origin + Int64((Double(elapsed) * speed).rounded(.down))
    }
}
