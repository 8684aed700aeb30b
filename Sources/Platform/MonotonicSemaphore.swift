import Glibc

/// A counter that threads wait for, whose waits end by the monotonic clock.
///
/// Dispatch's semaphores wait here until a moment of the wall clock: set back by an hour, they let a thread sleep for
/// that hour. Nothing else in the program may wait with a time limit. For threads that may block.
///
/// `@unchecked Sendable`: `count` is only touched with the mutex held; mutex and condition never move, and go with it.
///
/// ```
/// let news = MonotonicSemaphore()
/// Thread { news.signal() }.start()
/// if !news.wait(milliseconds: 500) { print("nothing came") }
/// ```
package final class MonotonicSemaphore: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var count: Int

    /// A semaphore of that many signals.
    package init(_ count: Int = 0) {
        self.count = count
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Lets one wait end, the present one or the next.
    package func signal() {
        pthread_mutex_lock(mutex)
        count += 1
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for a signal.
    package func wait() {
        pthread_mutex_lock(mutex)
        while count == 0 { pthread_cond_wait(condition, mutex) }
        count -= 1
        pthread_mutex_unlock(mutex)
    }

    /// Waits for a signal for so long; false where none came.
    package func wait(milliseconds: Int64) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &end)
        let nanoseconds = Int64(end.tv_nsec) + milliseconds % 1000 * 1_000_000
        end.tv_sec += Int(milliseconds / 1000 + nanoseconds / 1_000_000_000)
        end.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while count == 0 {
            guard pthread_cond_timedwait(condition, mutex, &end) == 0 else { break }
        }
        guard count > 0 else { return false }
        count -= 1
        return true
    }
}
