/// A moment on the clock of ``MonotonicTime``, where lengths of time are `Duration`s.
///
/// ```
/// let end = MonotonicMoment.now + .milliseconds(25)
/// while MonotonicMoment.now < end { workOn() }
/// ```
package struct MonotonicMoment: InstantProtocol {
    private let nanoseconds: Int64

    /// This moment.
    package static var now: MonotonicMoment { MonotonicMoment(nanoseconds: MonotonicTime.now()) }

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The moment after a length of time, to the nanosecond.
    package func advanced(by duration: Duration) -> MonotonicMoment {
        let (seconds, attoseconds) = duration.components
        return MonotonicMoment(nanoseconds: nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// How long it is from this moment to another one.
    package func duration(to other: MonotonicMoment) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }

    /// The moment after a length of time.
    package static func + (moment: MonotonicMoment, duration: Duration) -> MonotonicMoment {
        moment.advanced(by: duration)
    }

    /// How long one moment is after another.
    package static func - (later: MonotonicMoment, earlier: MonotonicMoment) -> Duration {
        earlier.duration(to: later)
    }

    /// Whether this moment came before another one.
    package static func < (left: MonotonicMoment, right: MonotonicMoment) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
