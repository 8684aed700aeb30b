/// The waits between tries to connect: none, then 0.5 s doubling to the longest, each moved by up to a fifth at random so that
/// many links do not try together.
package struct ReconnectWait: Sendable {
    private let longest: Int64
    private var random: SplitMix64
    /// Tries since the last answer.
    package private(set) var tries = 0

    /// Waits up to `longest` nanoseconds; the seed makes them repeatable.
    package init(longest: Int64, seed: UInt64) {
        self.longest = longest
        random = SplitMix64(seed: seed)
    }

    /// Nanoseconds to wait before the next try, which this counts; at most so many, but for the jitter.
    package mutating func next(atMost limit: Int64 = .max) -> Int64 {
        defer { tries += 1 }
        guard tries > 0 else { return 0 }
        let wait = min(500_000_000 << Int64(min(tries - 1, 20)), longest, limit)
        return wait - wait / 5 + Int64.random(in: 0...(wait * 2 / 5), using: &random)
    }

    /// Records that something answered over the connection: the next try is at once again.
    package mutating func answered() { tries = 0 }
}

/// A small random number generator that gives the same numbers for the same seed.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The sequence of a seed.
    package init(seed: UInt64) { state = seed }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
