import Foundation

/// How much of what takes long is done: a taste of it with every test, or as much as `SOAK_SEEDS` says (`make soak`).
package enum Soak {
    /// What `SOAK_SEEDS` says; nil with every test.
    package static let seeds = ProcessInfo.processInfo.environment["SOAK_SEEDS"].flatMap(Int.init)

    /// Seeds of a property, from 1: so many with every test, as many times as many as `SOAK_SEEDS` says in `make soak`.
    package static func some(_ count: Int) -> ClosedRange<UInt64> { 1...UInt64(count * max(1, seeds ?? 1)) }
}
