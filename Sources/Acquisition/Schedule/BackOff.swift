/// When a meter that does not answer is asked again.
///
/// One failed poll changes nothing. From the second in a row the meter is only probed, after its interval, doubling up to the
/// longest wait, and never so often that its timeouts take more than a tenth of a shared link.
package struct BackOff: Sendable, Hashable {
    /// Nanoseconds between probes at most.
    package static let longest: Int64 = 60_000_000_000
    /// The same for a meter that has its link to itself, where a probe costs nobody anything.
    package static let longestAlone: Int64 = 10_000_000_000

    /// Polls failed in a row.
    package private(set) var failures = 0
    /// No probe before this moment.
    package private(set) var nextTry: Int64 = 0

    /// A meter that answers.
    package init() {}

    /// Whether the meter is only probed.
    package var isProbing: Bool { failures >= 2 }

    /// Whether the meter may be asked at `now`.
    package func allows(_ now: Int64) -> Bool { !isProbing || now >= nextTry }

    /// Records a failed poll that ended at `now` and took `cost`.
    package mutating func failed(now: Int64, cost: Int64, interval: Int64, alone: Bool) {
        failures += 1
        guard isProbing else { return }
        let growing = interval << Int64(min(failures - 2, 16))
        let longest = alone ? BackOff.longestAlone : BackOff.longest
        let wait = min(growing, max(longest, interval))
        nextTry = now + (alone ? wait : max(wait, 9 * cost))
    }

    /// Records an answer.
    package mutating func answered() {
        failures = 0
        nextTry = 0
    }
}
