/// How long a sender waits after a failure: from 1 s, doubling to 5 min, anywhere within it, so that hundreds of sites that
/// lost the power together do not come back together.
struct ForwardWait: Sendable {
    /// Milliseconds at most.
    static let longest: Int64 = 300_000

    private(set) var failures = 0

    /// Milliseconds to wait after one more failure; `share` is a random number in 0 to 1.
    mutating func next(after failure: ForwardFailure, share: Double = .random(in: 0..<1)) -> Int64 {
        failures = min(failures + 1, 20)
        if case .denied = failure {
            // Nobody mends that within seconds; but a wrong file at the first start is mended soon.
            return failures <= 1 ? 5000 : ForwardWait.longest
        }
        let most = min(ForwardWait.longest, 1000 << Int64(min(failures - 1, 10)))
        let wait = Int64(Double(most) * share)
        if case .later(_, let after?) = failure { return min(max(after, wait), 12 * ForwardWait.longest) + wait / 4 }
        return max(50, wait)
    }

    /// Something was taken.
    mutating func succeeded() { failures = 0 }
}
