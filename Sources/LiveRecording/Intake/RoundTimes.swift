/// How long the recorder's rounds took, in which nothing that comes in is taken.
package struct RoundTimes: Sendable, Hashable {
    /// The upper bounds in milliseconds, of which the last class has none.
    package static let bounds: [Int64] = [10, 25, 50, 75, 100, 150, 250, 500, 1000, 2500]

    /// Rounds by class.
    package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// All of them together, in milliseconds.
    package private(set) var sum: Int64 = 0
    /// The longest, in milliseconds.
    package private(set) var longest: Int64 = 0

    /// Counts a round of so many milliseconds.
    mutating func count(_ milliseconds: Int64) {
        counts[RoundTimes.bounds.firstIndex { milliseconds <= $0 } ?? RoundTimes.bounds.count] += 1
        sum += milliseconds
        longest = max(longest, milliseconds)
    }
}
