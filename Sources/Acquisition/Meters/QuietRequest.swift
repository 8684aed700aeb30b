/// A request that lately had no answer, while others may have had theirs.
///
/// It is asked behind the others, and ever more rarely: once after its interval, then doubling up to a minute.
struct QuietRequest {
    /// Nanoseconds between two tries at most.
    static let longest: Int64 = 60_000_000_000
    /// After so many tries in a row a block is taken apart although it was once read as a whole.
    static let patience = 8

    /// Tries in a row without an answer.
    private(set) var times = 0
    private var nextTry: Int64 = 0

    /// Whether it may be asked at `now`.
    func allows(_ now: Int64) -> Bool { now >= nextTry }

    /// Records one more try without an answer, at `now`, of a request that is due every `interval`.
    mutating func failed(now: Int64, interval: Int64) {
        times += 1
        guard times >= 2 else { return }
        nextTry = now + min(interval << Int64(min(times - 2, 16)), max(QuietRequest.longest, interval))
    }
}
