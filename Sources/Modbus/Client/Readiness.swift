import Glibc
import Platform

/// Waiting for bytes on a descriptor until a point of the monotonic clock.
package enum Readiness: Sendable, Hashable {
    /// Something can be read, be it the end of the stream.
    case readable
    /// The other descriptor of the wait was raised.
    case woken
    /// The time is up.
    case late
    /// The device behind the descriptor is gone.
    case hungUp

    /// Waits for `descriptor`, and for `waking` where it is given (-1: none), until `deadline`.
    ///
    /// Ends up to a millisecond after the deadline, never before it.
    package static func wait(
        _ descriptor: Int32, for events: Int32 = Int32(POLLIN), orWaking waking: Int32 = -1, until deadline: Int64
    ) -> Readiness {
        while true {
            let left = deadline - MonotonicTime.now()
            let milliseconds = left <= 0 ? 0 : min((left + 999_999) / 1_000_000, 3_600_000)
            var watched: InlineArray<2, pollfd> = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: waking, events: Int16(POLLIN), revents: 0),
            ]
            var span = watched.mutableSpan
            let ready = span.withUnsafeMutableBufferPointer { poll($0.baseAddress, 2, Int32(milliseconds)) }
            if ready > 0 {
                if watched[1].revents != 0 { return .woken }
                if watched[0].revents & Int16(events) != 0 { return .readable }
                return .hungUp
            }
            if ready == 0, deadline <= MonotonicTime.now() { return .late }
            if ready < 0, errno != EINTR { return .hungUp }
        }
    }

    /// Sleeps until `deadline`, and wakes right at it instead of some 50 to 130 µs later, for the silences of a fast serial
    /// line.
    static func sleepSharply(until deadline: Int64) {
        sleep(until: deadline - 150_000)
        while MonotonicTime.now() < deadline {}
    }

    /// Sleeps until `deadline`, precisely, for the short silences of a serial line.
    package static func sleep(until deadline: Int64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
