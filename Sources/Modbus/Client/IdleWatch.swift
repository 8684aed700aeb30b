import CPlatform
import Glibc
import Platform

/// What a link's thread waits for between two requests: something on its line, or whoever wakes it.
///
/// The system is told once what to look at (epoll), and not with each wait: of the processor time of a poll that is a twentieth.
struct IdleWatch: ~Copyable {
    private static let waking: UInt64 = 0
    private static let line: UInt64 = 1

    /// -1 where it cannot hold what is to be watched: then the system is told with each wait.
    private var set: Int32
    private let wake: WakeSignal

    /// Watches for the wake, and for no line yet.
    init(wake: WakeSignal) {
        self.wake = wake
        set = epoll_create1(Int32(EPOLL_CLOEXEC))
        watch(wake.descriptor, as: IdleWatch.waking)
    }

    deinit {
        if set >= 0 { close(set) }
    }

    /// Watches a line as well, until its descriptor is closed.
    mutating func add(_ descriptor: Int32) { watch(descriptor, as: IdleWatch.line) }

    /// Waits for either until `deadline`; `descriptor` is that of the line, -1 where there is none.
    ///
    /// Ends up to a millisecond after the deadline, never before it.
    func wait(_ descriptor: Int32, until deadline: Int64) -> Readiness {
        guard set >= 0 else { return Readiness.wait(descriptor, orWaking: wake.descriptor, until: deadline) }
        while true {
            let left = deadline - MonotonicTime.now()
            let milliseconds = left <= 0 ? 0 : min((left + 999_999) / 1_000_000, 3_600_000)
            var event = epoll_event()
            let ready = epoll_wait(set, &event, 1, Int32(milliseconds))
            if ready > 0 {
                if event.data.u64 == IdleWatch.waking { return .woken }
                return event.events & EPOLLIN.rawValue != 0 ? .readable : .hungUp
            }
            if ready == 0, deadline <= MonotonicTime.now() { return .late }
            if ready < 0, errno != EINTR { return .hungUp }
        }
    }

    private mutating func watch(_ descriptor: Int32, as what: UInt64) {
        guard set >= 0 else { return }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = what
        // No room for one more, or nothing that a set takes: who waits for it shall be woken all the same.
        if epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) != 0 {
            close(set)
            set = -1
        }
    }
}
