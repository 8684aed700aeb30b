import Metering

/// A part of what a counter advanced, over the time in which it did.
struct Advance: Hashable {
    var from: Int64
    var to: Int64
    /// In the counter's unit.
    var amount: Double
    /// Longer than `max_gap`: counted, but its time is uncovered.
    var isEstimated: Bool
    /// The stretch [s, t) of a reset, a fallback or an exchange.
    var isSuspect = false
    var isUncertain: Bool
}

/// A usable reading of a counter.
struct CounterSample: Hashable {
    var time: Int64
    var value: Double
    var isUncertain: Bool
    /// The first millisecond at which it is held no more.
    var holdEnd: Int64
    /// The reading's own time: before ``time`` where it stands at the end of a stretch that begins with it.
    var stamp: Int64

    init(time: Int64, value: Double, isUncertain: Bool, holdEnd: Int64 = .max, stamp: Int64? = nil) {
        self.time = time
        self.value = value
        self.isUncertain = isUncertain
        self.holdEnd = holdEnd
        self.stamp = stamp ?? time
    }
}

/// What the ledger decided when it took a reading.
struct LedgerDecision {
    var advances: [Advance] = []
    /// Readings now believed, in order of time.
    var accepted: [CounterSample] = []
    var entries: [LedgerEntry] = []
    /// The stretch whose flags or values changed, from the last accepted reading on.
    var from: Int64
    var to: Int64
}

/// Decides for each reading of a counter how much the counter advanced (Rules 4).
///
/// With no suspect pending its state is nothing but the last accepted reading, so it can be started at any accepted
/// reading; of a counter that begins anew in each period of the calendar, at the last one before a period began.
struct CounterLedger {
    /// What came of a reading.
    enum Outcome {
        /// The first reading there is: no advance, but a value.
        case begins
        /// It simply continued.
        case continues(Advance)
        /// Anything else.
        case decided(LedgerDecision)
    }

    private let point: PointIndex
    private let maxGap: Int64
    private var maxRate: Double?
    private var modulus: Double?
    private let exchanges: [MeterExchange]
    /// Rules that held before, and those that hold since, by their last instants.
    private let rules: [EarlierRules]
    private let breaks: [Instant]
    private var isNet = false
    private var resets: ResetEdges?
    /// When the calendar's reset happened last, by whatever rules: other ones make no second of it.
    private var beganAnew: Int64?
    /// The stretch that each reading is the use of; nil of an index.
    private var use: UseStretch?
    /// Up to when the rules at work hold.
    private var rulesUntil: Int64
    /// The last reading that was believed.
    private(set) var accepted: CounterSample?
    /// Readings not yet believed, all of the same value.
    private(set) var suspects: [CounterSample] = []

    init(point: PointIndex, definition: PointDefinition) {
        self.point = point
        maxGap = definition.maxGap
        maxRate = definition.maxRate
        modulus = definition.modulus
        exchanges = definition.exchanges.sorted { $0.time < $1.time }
        breaks = definition.breaks
        rules =
            definition.earlier.isEmpty
            ? []
            : definition.earlier
                + [EarlierRules(until: .distantFuture, definition)]
        rulesUntil = rules.isEmpty ? .max : .min
        count(definition.counting)
    }

    /// Takes the next usable reading.
    mutating func take(_ b: CounterSample) -> Outcome {
        if b.stamp > rulesUntil, let rules = rules.first(where: { b.stamp <= $0.until.milliseconds }) {
            (maxRate, modulus, rulesUntil) = (rules.maxRate, rules.modulus, rules.until.milliseconds)
            let wasIndex = use == nil
            count(rules.counting)
            // An index and a use have nothing to do with each other.
            if wasIndex != (use == nil) { (accepted, suspects) = (nil, []) }
        }
        if let use { return take(b, useOf: use) }
        endHold(at: b.time)
        guard let a = accepted else {
            accepted = b
            return .begins
        }
        if breaks.contains(where: { a.time <= $0.milliseconds && $0.milliseconds < b.time }) {
            return .decided(beginAnew(a, b))
        }
        if !exchanges.isEmpty,
            exchanges.contains(where: { $0.time.milliseconds > a.time && $0.time.milliseconds <= b.time })
        {
            return .decided(acrossExchanges(a, b))
        }
        if !suspects.isEmpty { return .decided(askSuspects(a, b)) }
        if let advance = ordinary(a, b) {
            accepted = b
            return .continues(advance)
        }
        var decision = LedgerDecision(from: a.time, to: b.time)
        if let amount = rollover(a, b) {
            accepted = b
            decision.advances = [advance(a, b, amount)]
            decision.accepted = [b]
            decision.entries = [entry(.rollover, at: b.time, amount, until: b.time)]
        } else {
            suspects = [b]
            decision.entries = [entry(.suspect, at: b.time, nil, until: b.time)]
        }
        return .decided(decision)
    }

    private mutating func count(_ counting: Counting) {
        (isNet, resets, use) = (false, nil, nil)
        switch counting {
        case .up: break
        case .net: isNet = true
        case .since(let period): resets = ResetEdges(period)
        case .each(let stretch): use = stretch
        }
    }

    /// Takes what one stretch used; one that overlaps the stretch believed last is dropped.
    private mutating func take(_ b: CounterSample, useOf stretch: UseStretch) -> Outcome {
        let start = b.time - stretch.length
        if let a = accepted, start < a.time {
            var decision = LedgerDecision(from: b.time, to: b.time)
            decision.entries = [entry(.glitch, at: b.stamp, nil, until: b.stamp)]
            return .decided(decision)
        }
        accepted = b
        return .continues(
            Advance(from: start, to: b.time, amount: b.value, isEstimated: false, isUncertain: b.isUncertain))
    }

    /// The values have another scale since: nothing is known of what was counted in between.
    private mutating func beginAnew(_ a: CounterSample, _ b: CounterSample) -> LedgerDecision {
        var decision = LedgerDecision(from: a.time, to: b.time)
        if let first = suspects.first, let last = suspects.last {
            decision.entries = [entry(.glitch, at: first.time, nil, until: last.time)]
        }
        decision.accepted = [b]
        suspects = []
        accepted = b
        return decision
    }

    /// The advance from one reading to the next that goes on from it, or begins anew where the calendar says so; nil where
    /// it does neither.
    private mutating func ordinary(_ a: CounterSample, _ b: CounterSample) -> Advance? {
        if let edge = resets?.edge(before: b.time), b.time > edge, b.value >= 0 {
            let start = CounterSample(time: max(edge, a.time), value: 0, isUncertain: a.isUncertain)
            let isBehindGap = b.value >= a.value && b.time - a.time > maxGap && edge > a.time
            let isFirstDrop = b.value < a.value && isResetDue(at: b.time)
            if isBehindGap || isFirstDrop, isPlausible(b.value, from: start.time, to: b.time) {
                beganAnew = b.time
                var part = advance(start, b, b.value)
                if isBehindGap { part.isEstimated = true }
                return part
            }
        } else if resets?.edge(before: b.time) == b.time, b.value == 0, a.value > 0, isResetDue(at: b.time) {
            beganAnew = b.time
            return Advance(from: b.time, to: b.time, amount: 0, isEstimated: false, isUncertain: false)
        }
        let rise = b.value.minus(a.value)
        guard isNet || rise >= 0, isPlausible(rise, from: a.time, to: b.time) else { return nil }
        return advance(a, b, rise)
    }

    /// Whether it has not begun anew yet since the last edge at or before the time.
    private mutating func isResetDue(at time: Int64) -> Bool {
        guard let edge = resets?.edge(before: time) else { return false }
        return beganAnew.map { $0 < edge } ?? true
    }

    /// Another reading came, usable or bad: the last suspect is held no longer.
    mutating func endHold(at time: Int64) {
        guard let last = suspects.indices.last else { return }
        suspects[last].holdEnd = min(suspects[last].holdEnd, time)
    }

    /// A register that runs both ways never stands still to be believed: the next reading goes on from one or the other.
    private mutating func askNet(_ a: CounterSample, _ c: CounterSample) -> LedgerDecision {
        let b = suspects[0]
        var decision = LedgerDecision(from: a.time, to: c.time)
        suspects = []
        accepted = c
        if isPlausible(c.value.minus(a.value), from: a.time, to: c.time) {
            decision.advances = [advance(a, c, c.value.minus(a.value))]
            decision.accepted = [c]
            decision.entries = [entry(.glitch, at: b.time, c.value.minus(a.value), until: b.time)]
        } else if isPlausible(c.value.minus(b.value), from: b.time, to: c.time) {
            var part = advance(a, b, 0)
            part.isSuspect = true
            decision.advances = [part, advance(b, c, c.value.minus(b.value))]
            decision.accepted = [b, c]
            decision.entries = [entry(.exchange, at: b.time, c.value.minus(b.value), until: b.time)]
        } else {
            decision.from = b.time
            decision.entries = [
                entry(.glitch, at: b.time, nil, until: b.time), entry(.suspect, at: c.time, nil, until: c.time),
            ]
            (suspects, accepted) = ([c], a)
        }
        return decision
    }

    private mutating func askSuspects(_ a: CounterSample, _ c: CounterSample) -> LedgerDecision {
        if isNet { return askNet(a, c) }
        let first = suspects[0]
        let last = suspects[suspects.count - 1]
        var decision = LedgerDecision(from: a.time, to: c.time)
        let continued: Double? =
            c.value >= a.value && isPlausible(c.value.minus(a.value), from: a.time, to: c.time)
            ? c.value.minus(a.value) : rollover(a, c)
        if let continued, c.value != first.value {
            decision.advances = [advance(a, c, continued)]
            decision.accepted = [c]
            decision.entries = [entry(.glitch, at: first.time, continued, until: last.time)]
        } else if let continued {
            decision.advances = [advance(a, first, continued)] + standing(until: c)
            decision.accepted = suspects + [c]
            decision.entries = [entry(.confirmed, at: first.time, continued, until: last.time)]
        } else if c.value == first.value {
            suspects.append(c)
            decision.from = last.time
            decision.entries = [entry(.suspect, at: first.time, nil, until: c.time)]
            return decision
        } else if c.value > first.value, isPlausible(c.value.minus(last.value), from: last.time, to: c.time) {
            let verdict = verdict(on: first, after: a)
            let believed =
                verdict == .reset && first.value >= 0 && isPlausible(first.value, from: a.time, to: first.time)
            let before = believed ? first.value : 0
            var part = advance(a, first, before)
            part.isSuspect = true
            let after = advance(last, c, c.value.minus(last.value))
            decision.advances = [part] + standing(until: last) + [after]
            decision.accepted = suspects + [c]
            decision.entries = [entry(verdict, at: first.time, before + after.amount, until: last.time)]
        } else {
            // What is pending since the last believed reading stays so; only the dropped readings count no more. A
            // counter that is never believed must not make every reading a question about its whole past.
            decision.from = first.time
            if resets != nil, let advance = ordinary(a, c) {
                decision.from = a.time
                decision.advances = [advance]
                decision.accepted = [c]
                decision.entries = [entry(.glitch, at: first.time, nil, until: last.time)]
                (suspects, accepted) = ([], c)
                return decision
            }
            decision.entries = [
                entry(.glitch, at: first.time, nil, until: last.time), entry(.suspect, at: c.time, nil, until: c.time),
            ]
            suspects = [c]
            return decision
        }
        suspects = []
        accepted = c
        return decision
    }

    /// What a register that goes on from another value than the last believed one is: one that began anew stands near
    /// zero, one that lost its last counts stands a little lower, another meter may stand anywhere above.
    private func verdict(on first: CounterSample, after a: CounterSample) -> LedgerVerdict {
        if first.value <= a.value / 2 { return .reset }
        return first.value < a.value ? .fallback : .exchange
    }

    /// Nothing moved between the suspects, nor from the last of them to a reading of the same value.
    private func standing(until end: CounterSample) -> [Advance] {
        var stood: [Advance] = []
        for (a, b) in zip(suspects, suspects.dropFirst() + [end]) where a.time < b.time {
            stood.append(advance(a, b, 0))
        }
        return stood
    }

    private mutating func acrossExchanges(_ a: CounterSample, _ b: CounterSample) -> LedgerDecision {
        var decision = LedgerDecision(from: a.time, to: b.time)
        if let first = suspects.first, let last = suspects.last {
            decision.entries.append(entry(.glitch, at: first.time, nil, until: last.time))
        }
        var cursor = a
        var sum = 0.0
        func move(to time: Int64, _ amount: Double) {
            sum += amount
            if time == cursor.time, !decision.advances.isEmpty {
                decision.advances[decision.advances.count - 1].amount += amount
            } else {
                let end = CounterSample(time: time, value: 0, isUncertain: time == b.time && b.isUncertain)
                decision.advances.append(advance(cursor, end, amount))
            }
        }
        for exchange in exchanges where exchange.time.milliseconds > a.time && exchange.time.milliseconds <= b.time {
            move(to: exchange.time.milliseconds, exchange.closing.minus(cursor.value))
            cursor.time = exchange.time.milliseconds
            cursor.value = exchange.opening
            cursor.isUncertain = false
        }
        move(to: b.time, b.value.minus(cursor.value))
        decision.accepted = [b]
        decision.entries.append(entry(.declaredExchange, at: b.time, sum, until: b.time))
        suspects = []
        accepted = b
        return decision
    }

    private func advance(_ a: CounterSample, _ b: CounterSample, _ amount: Double) -> Advance {
        Advance(
            from: a.time, to: b.time, amount: amount, isEstimated: b.time - a.time > maxGap,
            isUncertain: a.isUncertain || b.isUncertain)
    }

    private func entry(_ verdict: LedgerVerdict, at time: Int64, _ advance: Double?, until last: Int64) -> LedgerEntry {
        LedgerEntry(
            point: point, time: Instant(milliseconds: time), verdict: verdict, advance: advance.map { $0 + 0 },
            lastSuspect: Instant(milliseconds: last))
    }

    private func isPlausible(_ amount: Double, from: Int64, to: Int64) -> Bool {
        guard let maxRate else { return true }
        return abs(amount) <= maxRate * (Double(to - from) / 3_600_000) * (1 + 1e-9)
    }

    private func rollover(_ a: CounterSample, _ b: CounterSample) -> Double? {
        guard let modulus, 0 <= b.value, b.value < a.value, a.value <= modulus else { return nil }
        let amount = modulus.minus(a.value) + b.value
        if maxRate == nil { return a.value > modulus / 2 && b.value < modulus / 2 ? amount : nil }
        return isPlausible(amount, from: a.time, to: b.time) ? amount : nil
    }
}
