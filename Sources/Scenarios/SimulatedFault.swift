import Metering

/// Something that goes wrong in a simulated plant, at times.
package struct SimulatedFault: Sendable, Hashable {
    /// What goes wrong; the words are those of the scenario.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// No answer.
        case silent
        /// A Modbus exception instead of the values.
        case exception
        /// The answer takes long, and what is asked meanwhile waits.
        case slow
        /// The answer takes long, and what is asked meanwhile is answered first.
        case late
        /// The answer's bytes come one by one.
        case drip
        /// The answer comes twice.
        case duplicate
        /// The checksum does not fit (links that speak RTU).
        case crc
        /// The answer names another unit.
        case foreign
        /// The answer names another transaction (links that speak Modbus TCP).
        case transaction
        /// The answer names another function.
        case function
        /// The answer's second half is missing.
        case truncated
        /// Bytes follow the answer.
        case rubbish
        /// The connection is reset instead of an answer.
        case reset
        /// The port refuses connections and drops those it has; on a serial line nothing answers (links only).
        case down
        /// The values stand still.
        case stuck
        /// The values are another one; without a duration in one answer only.
        case jump
        /// The points show "not available".
        case missing

        /// Whether it changes values and not answers, so that it can be limited to some points.
        package var isAboutValues: Bool { self == .stuck || self == .jump || self == .missing }
        /// Whether it takes a `delay`.
        package var takesDelay: Bool { self == .slow || self == .late || self == .drip }
    }

    /// Whom it befalls.
    package enum Target: Sendable, Hashable {
        case link(String)
        case meter(String)
    }

    package var kind: Kind
    package var target: Target
    /// From when, in milliseconds of simulated time.
    package var from: Int64
    /// How long, in milliseconds; nil: for ever, and a jump in one answer only.
    package var duration: Int64?
    /// Milliseconds from one beginning to the next; nil: once.
    package var every: Int64?
    /// The share of requests that it hits, from 0 to 1.
    package var chance: Double
    /// The exception's code.
    package var code: UInt8
    /// Real milliseconds before an answer (or between two of its bytes), whatever the simulation's speed.
    package var delay: Int64
    /// What a jump shows.
    package var value: Double
    /// The points whose values are meant; nil: all of the meter.
    package var points: Set<PointIndex>?

    /// A fault.
    package init(
        _ kind: Kind, of target: Target, from: Int64 = 0, for duration: Int64? = nil, every: Int64? = nil,
        chance: Double = 1, code: UInt8 = 4, delay: Int64 = 1000, value: Double = 0, points: Set<PointIndex>? = nil
    ) {
        self.kind = kind
        self.target = target
        self.from = from
        self.duration = duration
        self.every = every
        self.chance = chance
        self.code = code
        self.delay = delay
        self.value = value
        self.points = points
    }

    /// Which of its occurrences, from 0, reigns at that time and when that began; nil: none.
    package func occurrence(at time: Int64) -> (number: Int64, began: Int64)? {
        guard time >= from else { return nil }
        let number = every.map { (time - from) / $0 } ?? 0
        let began = from + number * (every ?? 0)
        if let duration, time >= began + duration { return nil }
        return (number, began)
    }
}
