/// Numbers that look random and are the same in every run.
package struct SeededNumbers: RandomNumberGenerator {
    /// The seed, and what became of it.
    package var state: UInt64

    /// Numbers from a seed.
    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 29) ^ state
    }
}
