import Glibc

/// The clock that only counts forward, for timeouts and slots.
package enum MonotonicTime {
    /// Nanoseconds since an arbitrary start, on `CLOCK_MONOTONIC`; a step of the wall clock never shows in it.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds in so many milliseconds.
    package static func milliseconds(_ count: Int64) -> Int64 { count * 1_000_000 }
}
