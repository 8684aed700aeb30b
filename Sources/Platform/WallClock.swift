import Glibc

/// The machine's wall clock, and the clock that never steps.
package enum WallClock {
    /// Milliseconds since 1970, UTC.
    package static func milliseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Milliseconds that pass evenly, also while the machine sleeps, from an unknown beginning: what a step of the wall clock
    /// is told by. ``MonotonicTime`` stands still while the machine sleeps, so it would take waking up for a step.
    package static func steadyMilliseconds() -> Int64 { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
