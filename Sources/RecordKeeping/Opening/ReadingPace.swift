/// How many readings are gone over between two looks at the clock: as many as take a moment on this machine.
package struct ReadingPace {
    private static let longest = Duration.milliseconds(25)
    private static let shortest = Duration.milliseconds(8)

    /// About how many readings one slice has at the most.
    package private(set) var most = 5000
    /// Milliseconds that are read next; nil at the beginning.
    package private(set) var slice: Int64?

    /// Nothing is known of this machine yet.
    package init() {}

    /// A slice, or the part of it that was gone over, took so long, and the next one would go so far.
    package mutating func noted(_ duration: Duration, _ next: Int64, isWhole: Bool = true) {
        slice = next
        if duration > ReadingPace.longest {
            most = max(500, most / 2)
            slice = max(1000, next / 2)
        } else if isWhole, duration < ReadingPace.shortest {
            most = min(50_000, most * 2)
        }
    }
}
