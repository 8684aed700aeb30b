/// What came over the wire and was not taken as an answer, by what was wrong with it.
package struct WireCounters: Sendable, Hashable {
    /// Answers to earlier requests: by transaction id, or by shape on a serial line.
    package var late = 0
    /// Frames of another unit, or answers with another function or length than was asked.
    package var foreign = 0
    /// Bytes that make no frame, and frames with a wrong checksum.
    package var garbled = 0
    /// Answers that ended before their length.
    package var truncated = 0
    /// Answers with transaction 0 that would fit the request but for that: of a gateway that does not echo it.
    package var unnumbered = 0

    /// Nothing yet.
    package init() {}

    /// The sum of two counts.
    package static func + (a: WireCounters, b: WireCounters) -> WireCounters {
        var sum = a
        sum.late += b.late
        sum.foreign += b.foreign
        sum.garbled += b.garbled
        sum.truncated += b.truncated
        sum.unnumbered += b.unnumbered
        return sum
    }

    /// What was counted since an earlier count.
    package static func - (a: WireCounters, b: WireCounters) -> WireCounters {
        var difference = a
        difference.late -= b.late
        difference.foreign -= b.foreign
        difference.garbled -= b.garbled
        difference.truncated -= b.truncated
        difference.unnumbered -= b.unnumbered
        return difference
    }
}
