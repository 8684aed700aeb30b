import Metering
import Modbus

/// How one link and its meters are doing, since the program started.
package struct LinkHealth: Sendable {
    /// The link's name.
    package var link: String
    /// Whether there is a connection now.
    package var connected: Bool
    /// Why there is no connection; ``Metering/Reason/none`` while there is one or none is needed.
    package var reason: Reason
    /// The cause in words: what, where, what the system says; nil as ``reason`` is none.
    package var cause: String?
    /// Whether it has been announced as lost: without a connection, or with one over which no meter answers.
    package var isLost: Bool
    /// Connections made.
    package var connections: Int
    /// Share of the time since the start that requests were under way.
    package var load: Double
    /// Its meters, as configured.
    package var meters: [MeterHealth]

    /// Slots asked, over all meters.
    package var polls: Int { meters.reduce(0) { $0 + $1.polls } }
    /// Slots in which all went well, over all meters.
    package var answers: Int { meters.reduce(0) { $0 + $1.answers } }
    /// Slots skipped because the link was busy with others, over all meters.
    package var skippedSlots: Int { meters.reduce(0) { $0 + $1.skippedSlots } }
    /// When any meter last answered.
    package var lastAnswer: Instant? { meters.compactMap(\.lastAnswer).max() }
}

/// How one meter is doing, since the program started.
package struct MeterHealth: Sendable {
    /// The meter's name.
    package var meter: String
    /// Slots in which it was asked, or would have been over a link that was up.
    package var polls = 0
    /// Slots in which every request was answered with data.
    package var answers = 0
    /// Slots in which something went wrong, by the first cause.
    package var errors: [Reason: Int] = [:]
    /// Slots that passed while the link was busy with others.
    package var skippedSlots = 0
    /// Slots in which it was not asked because it does not answer; its points are bad then.
    package var restedSlots = 0
    /// Requests sent, retries and probes included.
    package var requests = 0
    /// What came in its turn and was not taken.
    package var wire = WireCounters()
    /// Median time from request to answer over the last requests, in milliseconds; nil before the first answer.
    package var medianRoundTrip: Double?
    /// 99th percentile of the same.
    package var slowRoundTrip: Double?
    /// All times from request to answer since the start.
    package var roundTrips = RoundTrips.Histogram()
    /// How late the latest slot began, in milliseconds.
    package var lateness: Double = 0
    /// When it last answered anything, by the wall clock.
    package var lastAnswer: Instant?
    /// Why the last slot failed; ``Metering/Reason/none`` where it did not.
    package var reason = Reason.none
    /// Whether it is only probed because it does not answer.
    package var isProbing = false
    /// Whether it has been announced as lost.
    package var isLost = false
    /// Points whose registers the device does not give, with what comes in place of an answer.
    package var refused: [PointIndex: ModbusFailure] = [:]

    /// All errors.
    package var errorCount: Int { errors.values.reduce(0, +) }
}
