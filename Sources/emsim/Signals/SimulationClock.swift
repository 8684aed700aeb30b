import Glibc
import Metering

/// Simulated time: milliseconds since the scenario's epoch, or since the start where it has none.
struct SimulationClock: Sendable {
    private let startedAt: Int64
    private let origin: Int64
    private let speed: Double

    /// A clock that starts now and runs that many times as fast as the real one.
    init(epoch: Instant?, speed: Double) {
        startedAt = SimulationClock.read(CLOCK_MONOTONIC)
        // With an epoch a simulation that is started again goes on where the wall clock is, and its counters never step back.
        origin = epoch.map { SimulationClock.read(CLOCK_REALTIME) - $0.milliseconds } ?? 0
        self.speed = speed
    }

    /// Milliseconds of simulated time.
    func now() -> Int64 {
        let elapsed = SimulationClock.read(CLOCK_MONOTONIC) - startedAt
        return origin + Int64((Double(elapsed) * speed).rounded(.down))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
