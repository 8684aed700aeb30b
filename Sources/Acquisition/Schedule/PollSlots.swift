/// The slots of one meter on the monotonic clock: whole multiples of its interval, moved by its own phase.
///
/// The first poll comes at the start, whatever the interval: nobody waits a quarter of an hour to see whether a meter
/// answers. After it deadlines come from slot numbers, never from when the last poll ended, so that polling does not drift.
package struct PollSlots: Sendable, Hashable {
    /// Nanoseconds.
    package let interval: Int64
    /// Nanoseconds, less than the interval.
    package let phase: Int64
    /// The next slot to be served.
    package private(set) var next: Int64

    /// When the first poll is due, which has the number of the slot that it falls in; nil once it was served.
    private var first: Int64?

    /// Slots from `now` on, in nanoseconds of the monotonic clock; the first poll is due at once.
    package init(interval: Int64, phase: Int64, now: Int64) {
        self.interval = interval
        self.phase = phase
        first = now
        next = 0
        next = number(at: now)
    }

    /// When the next slot begins.
    package var nextTime: Int64 { first ?? time(of: next) }

    /// When a slot begins.
    package func time(of slot: Int64) -> Int64 { phase + slot * interval }

    /// Takes the slot that has come at `now`; those before it that were never served are skipped.
    package mutating func take(at now: Int64) -> (slot: Int64, skipped: Int) {
        let present = max(next, number(at: now))
        // The meters of a link wait for each other at the start: none of their slots is lost by that.
        let skipped = first == nil ? Int(present - next) : 0
        first = nil
        next = present + 1
        return (present, skipped)
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
