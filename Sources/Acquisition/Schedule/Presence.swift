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

    /// Whether the last slot had no answer, or it was announced as lost and has not answered since.
    package var isMissing: Bool { missed > 0 || isLost }

    /// Whether one more slot without any answer makes it lost.
    package func willBeLost(now: Int64) -> Bool {
        !isLost && missed + 1 >= Presence.misses && now - (missed == 0 ? now : firstMiss) >= Presence.hold
    }

    /// Records a slot without any answer; true when it is lost from now on, which it is not while that is held back.
    package mutating func miss(now: Int64, isHeld: Bool = false) -> Bool {
        let isOver = willBeLost(now: now)
        if missed == 0 { firstMiss = now }
        missed += 1
        guard isOver, !isHeld else { return false }
        isLost = true
        return true
    }

    /// Makes it lost for another reason than its misses; false where it was.
    package mutating func lose() -> Bool {
        defer { isLost = true }
        return !isLost
    }

    /// Forgets the misses of one that is not announced as lost.
    package mutating func beginAnew() {
        if !isLost { missed = 0 }
    }

    /// Records an answer; true when it had been lost.
    package mutating func answer() -> Bool {
        missed = 0
        defer { isLost = false }
        return isLost
    }
}
