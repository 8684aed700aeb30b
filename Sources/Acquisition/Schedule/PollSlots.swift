/// The slots of one meter on the monotonic clock: whole multiples of its interval, moved by its own phase.
///
/// Deadlines come from slot numbers, never from when the last poll ended, so that polling does not drift.
package struct PollSlots: Sendable, Hashable {
    /// Nanoseconds.
    package let interval: Int64
    /// Nanoseconds, less than the interval.
    package let phase: Int64
    /// The next slot to be served.
    package private(set) var next: Int64

    /// Slots from `now` on, in nanoseconds of the monotonic clock.
    package init(interval: Int64, phase: Int64, now: Int64) {
        self.interval = interval
        self.phase = phase
        next = 0
        next = number(at: now) + 1
    }

    /// When the next slot begins.
    package var nextTime: Int64 { time(of: next) }

    /// When a slot begins.
    package func time(of slot: Int64) -> Int64 { phase + slot * interval }

    /// Takes the slot that has come at `now`; those before it that were never served are skipped.
    package mutating func take(at now: Int64) -> (slot: Int64, skipped: Int) {
        let present = max(next, number(at: now))
        defer { next = present + 1 }
        return (present, Int(present - next))
    }

    private func number(at now: Int64) -> Int64 {
        let since = now - phase
        return since >= 0 ? since / interval : -((-since + interval - 1) / interval)
    }

    /// A phase that spreads meters evenly: their link's name says where its first meter starts, and the others follow evenly.
    package static func phase(link: String, index: Int, of count: Int, interval: Int64) -> Int64 {
        // FNV-1a: the same on every start, so that a restart does not move the meters.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in link.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // Names that differ in their last digit only would come out as neighbours.
        var mixer = SplitMix64(seed: hash)
        let share = interval / Int64(max(1, count))
        let start = Int64(mixer.next() % UInt64(max(1, interval)))
        return (start + share * Int64(index)) % interval
    }
}
