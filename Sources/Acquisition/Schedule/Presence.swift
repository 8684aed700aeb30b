/// Whether a meter or link counts as lost, with a hold so that a flicker is no alarm.
///
/// Lost after three misses in a row that span at least ten seconds; back with the first answer.
package struct Presence: Sendable, Hashable {
    /// Misses in a row that make it lost.
    package static let misses = 3
    /// Nanoseconds from the first of them to the one that makes it lost.
    package static let hold: Int64 = 10_000_000_000

    /// Whether it has been announced as lost.
    package private(set) var isLost = false
    private var missed = 0
    private var firstMiss: Int64 = 0

    /// Present, or announced as lost before.
    package init(isLost: Bool = false) { self.isLost = isLost }

    /// Records a slot without any answer; true when it is lost from now on.
    package mutating func miss(now: Int64) -> Bool {
        if missed == 0 { firstMiss = now }
        missed += 1
        guard !isLost, missed >= Presence.misses, now - firstMiss >= Presence.hold else { return false }
        isLost = true
        return true
    }

    /// Records an answer; true when it had been lost.
    package mutating func answer() -> Bool {
        missed = 0
        defer { isLost = false }
        return isLost
    }
}
