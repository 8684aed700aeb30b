/// What kind of quantity a point is.
package enum PointKind: String, Sendable, Hashable, CaseIterable {
    /// A level: power, concentration, flow.
    case gauge
    /// A register that only grows: kWh, m³.
    case counter
    /// A discrete status.
    case state
}

/// How a counter counts (Rules 4).
package enum Counting: Sendable, Hashable {
    /// It only grows.
    case up
    /// It begins anew at each edge of a calendar period, or at the first reading after it: the energy of the day.
    case since(ResetPeriod)
    /// It runs both ways: import less export.
    case net
    /// Each reading is what one stretch of time used.
    case each(UseStretch)

    /// Whether it is an index, of which each reading goes on from the one before.
    package var isIndex: Bool {
        if case .each = self { false } else { true }
    }

    /// How long after its time a reading stands, in milliseconds: the stretch of one that is stamped at its start is only beginning.
    package var delay: Int64 {
        if case .each(let stretch) = self, stretch.isStampedAtStart { stretch.length } else { 0 }
    }

    /// How long before the end of its stretch a reading's advance begins, in milliseconds; 0 for an index.
    package var stretch: Int64 {
        if case .each(let stretch) = self { stretch.length } else { 0 }
    }
}

/// The time whose use one reading says.
package struct UseStretch: Sendable, Hashable {
    /// In milliseconds.
    package var length: Int64
    /// Whether a reading's time is the start of its stretch, and not the end.
    package var isStampedAtStart: Bool

    /// A stretch of that length.
    package init(length: Int64, isStampedAtStart: Bool) {
        self.length = length
        self.isStampedAtStart = isStampedAtStart
    }
}

/// The calendar period after each edge of which a counter begins anew.
package struct ResetPeriod: Sendable, Hashable {
    /// Days, weeks, months, quarters or years.
    package var rule: WindowRule
    /// The site's.
    package var calendar: SiteCalendar

    /// A period of a calendar.
    package init(_ rule: WindowRule, calendar: SiteCalendar) {
        self.rule = rule
        self.calendar = calendar
    }

    package static func == (a: ResetPeriod, b: ResetPeriod) -> Bool {
        a.rule == b.rule && a.calendar.identifier == b.calendar.identifier
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(rule)
        hasher.combine(calendar.identifier)
    }
}

/// A declared change of the meter behind a counter (Rules 4).
package struct MeterExchange: Sendable, Hashable {
    /// From when the new meter counts; a reading at this instant is the new meter's.
    package var time: Instant
    /// The old meter's last index, in the point's unit.
    package var closing: Double
    /// The new meter's first index, in the point's unit.
    package var opening: Double

    /// The exchange of a meter at `time`.
    package init(time: Instant, closing: Double, opening: Double) {
        self.time = time
        self.closing = closing
        self.opening = opening
    }
}

/// The rules of a counter up to an instant.
package struct EarlierRules: Sendable, Hashable {
    /// The last instant whose readings they judge.
    package var until: Instant
    /// As ``PointDefinition/maxRate``.
    package var maxRate: Double?
    /// As ``PointDefinition/modulus``.
    package var modulus: Double?
    /// As ``PointDefinition/counting``.
    package var counting: Counting

    /// The rules of a counter's definition until that instant.
    package init(until: Instant, _ definition: PointDefinition) {
        self.until = until
        maxRate = definition.maxRate
        modulus = definition.modulus
        counting = definition.counting
    }
}

/// One quantity of one meter, as the rules see it; how it is read from the wire stands in ``MeasuredPoint``.
package struct PointDefinition: Sendable, Hashable {
    /// `meter.point`.
    package var name: String
    package var kind: PointKind
    /// The unit as configured; nil where none is stated.
    package var unit: String?
    /// How long a reading holds at most, in milliseconds (Rules 3).
    package var maxGap: Int64
    /// Counters: the fastest plausible advance, in the counter's unit per hour; nil: every rise is plausible.
    package var maxRate: Double?
    /// Counters: the value at which the register starts anew; nil: it never does.
    package var modulus: Double?
    /// Counters: declared exchanges, ascending in time.
    package var exchanges: [MeterExchange]
    /// Counters: which way they count, and when they begin anew.
    package var counting: Counting

    /// Counters: rules that held before, ascending: decisions are those of the rules in force at the reading's time (Rules 13).
    package var earlier: [EarlierRules] = []
    /// Instants after which values have another scale, ascending: nothing is carried over one of them (Rules 13).
    package var breaks: [Instant] = []

    /// Which way it counted by the rules in force at a reading's time.
    package func counting(at time: Instant) -> Counting {
        earlier.first { time <= $0.until }?.counting ?? counting
    }

    /// The longest time after its own at which a reading stands, by any of its rules.
    package var longestDelay: Int64 { earlier.reduce(counting.delay) { max($0, $1.counting.delay) } }

    /// The longest stretch whose use one reading says, by any of its rules; 0 for an index.
    package var longestStretch: Int64 { earlier.reduce(counting.stretch) { max($0, $1.counting.stretch) } }

    /// Whether it has an index that can be closed and opened when the meter is exchanged.
    package var hasIndex: Bool { kind == .counter && counting.isIndex }

    /// The calendar periods after each edge of which it begins anew, by the rules in force at an instant or later; none: it never
    /// does.
    package func resetPeriods(since instant: Instant = .distantPast) -> [ResetPeriod] {
        var periods: [ResetPeriod] = []
        for counting in earlier.filter({ $0.until >= instant }).map(\.counting) + [counting] {
            if case .since(let period) = counting, !periods.contains(period) { periods.append(period) }
        }
        return periods
    }

    /// A point of that name and kind.
    package init(
        name: String, kind: PointKind, unit: String? = nil, maxGap: Int64, maxRate: Double? = nil,
        modulus: Double? = nil, exchanges: [MeterExchange] = [], counting: Counting = .up
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.maxGap = maxGap
        self.maxRate = maxRate
        self.modulus = modulus
        self.exchanges = exchanges
        self.counting = counting
    }
}
