import Metering

/// Turns readings in order of time into closed windows of indicators (Rules 3 to 8): the one implementation, used
/// live, in replay, for revisions and in verification.
///
/// It knows no clock, file or database. An instant is complete, and only then looked at, when something later is
/// seen; late readings are not for it: whoever drives it runs another engine over the stored readings of the stretch
/// (``init(plan:indicators:)`` with those indicators only) and compares. Not safe for concurrent use.
///
/// ```
/// let engine = IndicatorEngine(plan: plan)
/// engine.open(0, at: firstWindow)
/// var index = 0
/// while index < readings.count {
///     index = engine.take(readings, from: index)
///     for value in engine.takeOutput().closed { judge(value) }
/// }
/// engine.finish()
/// ```
package final class IndicatorEngine {
    /// What is computed.
    package let plan: IndicatorPlan
    /// The newest instant taken into account.
    package private(set) var clock = Instant.distantPast
    /// Found since the last ``takeOutput()``.
    private var output = EngineOutput()
    /// By counter, up to when definitions that ended closed windows over it.
    package var pastEnds: [PointIndex: Instant] = [:]

    private let table: SignalTable
    private var ledgers: [CounterLedger?]
    private let isCounter: [Bool]
    private var tracks: [IndicatorTrack?]
    private let wanted: [Int]
    /// Indexes of open tracks, those that others are computed from first.
    private var order: [Int] = []
    private var series: [Int: ValueSeries] = [:]
    private var sequences: [WindowSequence]
    private var lanes: LaneTable
    private var instant: [Reading] = []
    private var isInOrder = true
    /// Readings of the points that are stamped at the start of a stretch, until its end has come.
    private var coming = ComingReadings()
    private let hasComing: Bool
    /// Of such a point, the own time of the reading that stands now.
    private var stamps: [PointIndex: Int64] = [:]
    private var lastInstant = Instant.distantPast
    private var touched: TouchedPoints
    private var earliestEnd = Int64.max

    /// Whether windows close by grace, or wait until every point has spoken.
    private let closesByGrace: Bool

    /// An engine for those indicators of the plan (all where none are named); each is opened at its first window
    /// before readings come.
    ///
    /// Live and in replay windows close by grace at the latest; a run for revisions has all readings before it and
    /// need not guess.
    package init(plan: IndicatorPlan, indicators: [Int]? = nil, closesByGrace: Bool = true) {
        self.plan = plan
        self.closesByGrace = closesByGrace
        wanted = indicators ?? Array(plan.indicators.indices)
        table = SignalTable(count: plan.points.count)
        isCounter = plan.points.map { $0.kind == .counter }
        ledgers = plan.points.indices.map { index in
            let definition = plan.points[index]
            return definition.kind == .counter ? CounterLedger(point: PointIndex(index), definition: definition) : nil
        }
        tracks = Array(repeating: nil, count: plan.indicators.count)
        sequences = plan.indicators.map { WindowSequence($0.rule, calendar: plan.calendar) }
        lanes = LaneTable(points: plan.points.count)
        touched = TouchedPoints(plan)
        hasComing = plan.points.contains { $0.longestDelay > 0 }
    }

    /// Whether the indicator has been opened.
    package func isOpen(_ indicator: Int) -> Bool { tracks[indicator] != nil }

    /// The indicators this engine is for.
    package var indicators: [Int] { wanted }

    /// The window of an indicator that closes next; nil before it was opened.
    package func nextWindow(_ indicator: Int) -> Window? { tracks[indicator]?.next }

    /// From when the readings and values are needed that an open indicator is computed from; nil before it was opened.
    package func firstNeeded(_ indicator: Int) -> Instant? {
        tracks[indicator].map { Instant(milliseconds: $0.timeline.edges[0]) }
    }

    /// Begins an indicator with its first window; indicators that it is computed from must be opened before it, if
    /// they are at all.
    ///
    /// `closedEnd` is the end of the window before, where one has been closed by an earlier run, and `sum` the last value
    /// before of a running sum. With `once` the first window may be any stretch, and is the only one; `through` is the end of
    /// the last window that is wanted, where the run is only for some. Of an only window, `days` are the ones that count.
    package func open(
        _ indicator: Int, at first: Window, closedEnd: Instant? = nil, sum: Double? = nil, once: Bool = false,
        through limit: Instant? = nil, days: [Window]? = nil
    ) {
        let definition = plan.indicators[indicator]
        let sources = definition.indicators.map { source in
            if let known = series[source] { return known }
            let made = ValueSeries(
                index: source, sequence: sequences[source], definition: plan.indicators[source])
            made.nextEnd = tracks[source]?.next.end.milliseconds ?? .max
            series[source] = made
            return made
        }
        let track = IndicatorTrack(
            index: indicator, definition: definition,
            timeline: PaneTimeline(
                sequences[indicator], first: first, once: once, through: limit?.milliseconds ?? .max),
            plan: plan, table: table, sources: sources, through: limit?.milliseconds ?? .max,
            days: days)
        track.model?.sum = sum
        track.closedEnd = closedEnd?.milliseconds ?? .min
        tracks[indicator] = track
        order.append(indicator)
        lanes.add(track) { isCounter[Int($0)] }
        earliestEnd = min(earliestEnd, track.next.end.milliseconds)
    }

    /// Supplies a closed value of an indicator that open ones are computed from: of an earlier run, or a revision.
    package func supply(_ value: IndicatorValue) { series[value.indicator]?.take(value) }

    /// Says that a window of an indicator was made by a definition of another unit or other windows: no sum takes it in,
    /// and none is made of what is beside it (Rules 13).
    package func supply(foreign window: Window, of indicator: Int) { series[indicator]?.takeForeign(window) }

    /// The windows of a running sum that close from now on go on from this one: a revision of those before changed it.
    package func continueSum(of indicator: Int, from sum: Double?) { tracks[indicator]?.model?.sum = sum }

    /// The newest instant, as long as it waits for something later to be seen; nil where none does.
    package var waiting: Instant? { instant.first?.time }
    /// Whether a reading of that time can still be taken: nothing at or after it has been looked at.
    package func admits(_ time: Instant) -> Bool {
        time >= clock && time > lastInstant && time >= instant.first?.time ?? .distantPast
    }

    /// Takes readings in order of time from an index on, until something is found out; returns the index of the first
    /// not taken.
    ///
    /// The readings of the newest instant wait until something later is seen.
    package func take(_ readings: [Reading], from start: Int = 0) -> Int {
        var index = start
        while index < readings.count {
            let reading = readings[index]
            if let waiting = instant.first, waiting.time < reading.time {
                processInstant()
                if !output.isEmpty { return index }
            }
            instant.take(reading, inOrder: &isInOrder)
            index += 1
        }
        return index
    }

    /// Lets time pass without readings: completes an instant before `now`, and closes windows whose grace is over.
    package func pass(to now: Instant) {
        if let waiting, waiting >= now { return }
        processInstant()
        letStand(before: now.milliseconds)
        guard now > clock else { return }
        clock = now
        closeWindows()
    }

    /// Completes everything up to that instant, the newest included: where an engine before this one had come to.
    package func complete(through instant: Instant) {
        if let waiting, waiting <= instant { processInstant() }
        letStand(before: instant.milliseconds + 1)
        pass(to: instant)
    }

    /// Completes the newest instant and closes every window that ends at or before it: the end of a recording.
    ///
    /// What is stamped at the start of its stretch stands at the end of it, so it may be the newest.
    package func finish() {
        processInstant()
        letStand(before: .max)
        closeAll(through: clock)
    }

    /// Completes everything up to an instant and closes every window that ends at or before it.
    package func finish(through end: Instant) {
        complete(through: end)
        closeAll(through: end)
    }

    private func closeAll(through end: Instant) {
        for index in order {
            guard let track = tracks[index] else { continue }
            while track.next.end <= end { close(track) }
        }
    }

    /// What was found since the last call.
    package func takeOutput() -> EngineOutput {
        defer { output = EngineOutput() }
        return output
    }

    /// The open windows of every indicator that began before `now`, as far as they are known.
    package func provisionalValues(at now: Instant) -> [IndicatorValue] {
        var values: [IndicatorValue] = []
        for index in order {
            guard let track = tracks[index] else { continue }
            var window = track.next
            while window.start < now {
                values.append(track.evaluate(window, now: now.milliseconds, ledgers: ledgers, revision: 0))
                window = sequences[index].next(after: window)
            }
        }
        return values
    }

    /// Closes every window of an indicator that ends at or before `end` and starts before `limit`, by all readings taken
    /// so far.
    package func close(_ indicator: Int, through end: Instant, startingBefore limit: Instant = .distantFuture) {
        processInstant()
        letStand(before: .max)
        guard let track = tracks[indicator] else { return }
        while track.next.end <= end, track.next.start < limit { close(track) }
    }

    // MARK: One instant

    private func processInstant() {
        guard let time = instant.first?.time.milliseconds else { return }
        if hasComing {
            letStand(before: time)
            for reading in instant { setAside(reading) }
            stand(at: time)
        }
        process(at: time)
    }

    /// Keeps a reading that does not stand yet for later.
    private func setAside(_ reading: Reading) {
        let delay = plan.points[Int(reading.point)].counting(at: reading.time).delay
        guard delay > 0 else {
            stamps[reading.point] = nil
            return
        }
        coming.take(reading, delay: delay)
        instant.removeAll { $0.point == reading.point }
    }

    /// Looks at the instants before a time at which readings stand that came earlier.
    private func letStand(before time: Int64) {
        guard let next = coming.next, next < time else { return }
        let waiting = instant
        instant.removeAll(keepingCapacity: true)
        while let next = coming.next, next < time {
            stand(at: next)
            process(at: next)
        }
        instant = waiting
    }

    /// Adds the readings that stand at a time to its instant.
    private func stand(at time: Int64) {
        for var reading in coming.remove(standingAt: time) {
            stamps[reading.point] = reading.time.milliseconds
            reading.time = Instant(milliseconds: time)
            instant.append(reading)
        }
    }

    private func process(at time: Int64) {
        touched.look(at: instant, time)
        for point in touched.points {
            for lane in lanes.integrated[Int(point)] { lane.integrate(to: time) }
        }
        for reading in instant {
            update(reading)
            // A reading of no use ends the hold of a counter's suspect as well.
            if !reading.isUsable { ledgers[Int(reading.point)]?.endHold(at: time) }
        }
        if touched.hasDerived { derive(at: time) }
        for point in touched.points {
            for lane in lanes.refreshed[Int(point)] { lane.refresh(at: time) }
        }
        for point in touched.points {
            let signal = table.signals[Int(point)]
            guard signal.usableTime == time else { continue }
            if isCounter[Int(point)] {
                count(
                    point,
                    CounterSample(
                        time: time, value: signal.value, isUncertain: signal.isUncertain, holdEnd: signal.holdEnd,
                        stamp: hasComing ? stamps[point] : nil))
            } else {
                for lane in lanes.sampled[Int(point)] {
                    lane.sample(signal.value, at: time, isUncertain: signal.isUncertain)
                }
            }
        }
        instant.removeAll(keepingCapacity: true)
        lastInstant = Instant(milliseconds: time)
        clock = max(clock, lastInstant)
        closeWindows()
    }

    @inline(__always)
    private func update(_ reading: Reading) {
        let index = Int(reading.point)
        table.signals[index].take(reading, maxGap: plan.points[index].maxGap)
        guard !plan.points[index].breaks.isEmpty else { return }
        if let end = plan.points[index].breaks.first(where: { reading.time <= $0 }) {
            let holdEnd = table.signals[Int(reading.point)].holdEnd
            table.signals[Int(reading.point)].holdEnd = min(holdEnd, end.milliseconds + 1)
        }
    }

    private func derive(at time: Int64) {
        for index in touched.derived.indices where touched.derived[index] {
            update(
                plan.derived[index].reading(at: Instant(milliseconds: time)) { input in
                    let signal = table.signals[Int(input)]
                    return time < signal.holdEnd ? (signal.value, signal.isUncertain) : nil
                })
        }
    }

    private func count(_ point: PointIndex, _ sample: CounterSample) {
        guard let outcome = ledgers[Int(point)]?.take(sample) else { return }
        // A suspect is not held yet: what it would be held for is put right when it is believed.
        if ledgers[Int(point)]?.accepted?.time != sample.time {
            table.signals[Int(point)].holdEnd = .min
            // One that is dropped at once is bad, and closes nothing.
            if let ledger = ledgers[Int(point)], ledger.suspects.isEmpty {
                table.signals[Int(point)].usableTime = ledger.accepted?.time ?? .min
            }
        }
        switch outcome {
        case .begins:
            for lane in lanes.sampled[Int(point)] {
                lane.sample(sample.value, at: sample.time, isUncertain: sample.isUncertain)
            }
        case .continues(let advance):
            for lane in lanes.sampled[Int(point)] {
                lane.spread(advance)
                lane.sample(sample.value, at: sample.time, isUncertain: sample.isUncertain)
                lane.forgetGate(before: sample.time)
            }
            reopen(point, from: advance.from, to: advance.to)
        case .decided(let decision):
            output.ledger.append(contentsOf: decision.entries)
            for lane in lanes.sampled[Int(point)] {
                for advance in decision.advances { lane.spread(advance) }
                for sample in decision.accepted { lane.sampleLate(sample) }
                if let accepted = ledgers[Int(point)]?.accepted { lane.forgetGate(before: accepted.time) }
            }
            reopen(point, from: decision.from, to: decision.to)
        }
    }

    private func reopen(_ point: PointIndex, from: Int64, to: Int64) {
        if let end = pastEnds[point]?.milliseconds, from < end {
            let stretch = Window(start: Instant(milliseconds: from), end: Instant(milliseconds: min(to, end)))
            output.reached.append((point, stretch))
        }
        for index in lanes.counterTracks[Int(point)] {
            guard let track = tracks[index], from < track.closedEnd else { continue }
            let stretch = Window(
                start: Instant(milliseconds: from), end: Instant(milliseconds: min(to, track.closedEnd)))
            output.reopened.append((index, stretch))
        }
    }

    // MARK: Closing

    private func closeWindows() {
        guard clock.milliseconds >= earliestEnd else { return }
        var earliest = Int64.max
        for index in order {
            guard let track = tracks[index] else { continue }
            while track.mayClose(clock: clock.milliseconds, ledgers: ledgers, byGrace: closesByGrace) { close(track) }
            earliest = min(earliest, track.next.end.milliseconds)
        }
        earliestEnd = earliest
    }

    private func close(_ track: IndicatorTrack) {
        let value = track.close(ledgers: ledgers)
        if let series = series[track.index] {
            series.take(value)
            series.nextEnd = track.next.end.milliseconds
        }
        output.closed.append(value)
        if let fit = track.model?.takeNews() { output.fits.append((track.index, fit)) }
        for source in track.sources {
            let users = order.compactMap { tracks[$0] }.filter { $0.sources.contains { $0 === source } }
            if let start = users.map({ $0.timeline.edges[0] }).min() {
                source.forget(before: Instant(milliseconds: start))
            }
        }
    }
}
