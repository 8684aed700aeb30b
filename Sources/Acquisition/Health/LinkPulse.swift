import Platform
import Synchronization

/// When a link's thread will come round again, so that one that does not is noticed from outside.
final class LinkPulse: Sendable {
    private let next = Atomic<Int64>(.max)

    /// The thread may now wait until that moment on the monotonic clock.
    func waits(until moment: Int64) { next.store(moment, ordering: .relaxed) }

    /// The thread may from `now` on be in one request that takes so many nanoseconds.
    func works(for longest: Int64, from now: Int64) {
        next.store(now.addingReportingOverflow(longest).partialValue, ordering: .relaxed)
    }

    /// The thread does not run.
    func rests() { next.store(.max, ordering: .relaxed) }

    /// Nanoseconds since it should have come round; 0: it is in time.
    var overdue: Int64 {
        let moment = next.load(ordering: .relaxed)
        return moment == .max ? 0 : max(0, MonotonicTime.now() - moment)
    }
}
