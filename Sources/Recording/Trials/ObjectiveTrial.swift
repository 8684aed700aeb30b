import Conformity
import Indicators
import Metering
import PlantConfiguration
import RecordKeeping
import Storage

/// Judges an objective over values that are on record, and raises nothing: what it would have raised, had it been in force.
///
/// It judges with the judge and the context of the recorder. What the record has no values of, because the configuration in
/// force has no such indicator, is computed from the stored readings.
package struct ObjectiveTrial {
    /// A nonconformity that would have been raised.
    package struct Episode: Sendable, Hashable {
        package var onset: Instant
        package var raisedAt: Instant
        package var clearedAt: Instant?
        package var peak: Double?
        package var limit: Double?
        /// Windows not met in it.
        package var windows: Int
    }

    /// What came of it.
    package struct Outcome: Sendable {
        package var objective: String
        /// Of value and limit.
        package var unit: String?
        /// By verdict, how many windows.
        package var counts: [Verdict: Int] = [:]
        package var episodes: [Episode] = []
        /// Of the windows met, the one nearest to its limit.
        package var closest: JudgedWindow?
    }

    private let recorder: Recorder
    private let reader: StoreReader
    private let plant: Plant
    /// Indicators of the plant of which the record has values by the same definition.
    private let known: Set<Int>
    private let recordStart: Instant?

    /// A trial of objectives of a plant over a store, in which the plant `inForce` made the values (nil: nobody knows).
    package init(_ plant: Plant, inForce: Plant?, store: PlantStore, _ stored: StoreReader) throws {
        self.plant = plant
        reader = try stored.seen(by: StoreNames(plant), ofVersion: .max)
        recorder = Recorder(store: store, plant: plant, isLive: false)
        recordStart = try stored.recordStart()
        recorder.recordStart = recordStart
        recorder.rules = PlantDefinitions(plant).rules
        recorder.ends = try stored.definitionEnds()
        recorder.pastClock = try stored.newestTimes().compactMap { $0 }.max()
        var prints: [String: String] = [:]
        if let inForce {
            let definitions = PlantDefinitions(inForce)
            prints = Dictionary(
                zip(definitions.indicatorNames, definitions.indicators), uniquingKeysWith: { first, _ in first })
        }
        let definitions = PlantDefinitions(plant)
        let reader = reader
        known = Set(
            plant.plan.indicators.indices.filter { index in
                reader.number(ofIndicator: index) != 0
                    && prints[definitions.indicatorNames[index]] == definitions.indicators[index]
            })
    }

    /// Tries an objective, by its index, over the windows that end in a stretch (nil: all there are).
    package func run(_ index: Int, over stretch: Window?) throws -> Outcome {
        let objective = recorder.objectives[index]
        var outcome = Outcome(
            objective: objective.name, unit: objective.definition.shownUnit(objective.indicator, at: .distantFuture))
        guard let recordStart else { return outcome }
        let stretch = stretch ?? Window(start: .distantPast, end: .distantFuture)
        let from = max(stretch.start, recordStart)
        // Sums over a period, and rows, begin before what is asked for.
        let begin = min(from, objective.judge.period(at: from)?.start ?? from)
        try supplement(objective.definition.indicator, since: begin)
        for companion in objective.definition.companions { try supplement(companion, since: begin) }
        for source in objective.indicator.model?.indicators ?? [] { try supplement(source, since: begin) }
        objective.judge = objective.newJudge(after: nil)
        var values: [IndicatorValue] = []
        try recorder.values(of: objective.definition.indicator, from: begin, reader) { values.append($0) }
        var numbers: [Instant: Int] = [:]
        for value in values.sorted(by: { $0.window.end < $1.window.end }) where value.window.end <= stretch.end {
            guard let context = try recorder.context(of: value, at: objective, reader) else { continue }
            let (judged, events) = objective.judge.judge(value, context)
            guard let judged, judged.window.end > from else { continue }
            outcome.take(judged)
            for event in events { outcome.take(event, isBroken: judged.verdict == .notMet, &numbers) }
        }
        return outcome
    }

    /// Computes what is not on record, and before it all that it is computed from.
    private func supplement(_ indicator: Int, since: Instant) throws {
        guard !known.contains(indicator), recorder.trialValues[indicator] == nil else { return }
        let definition = plant.plan.indicators[indicator]
        let from = min(since, definition.model?.baseline.start ?? since)
        for source in definition.indicators { try supplement(source, since: from - definition.rule.nominalLength) }
        recorder.trialValues[indicator] = try recorder.computed(indicator, from: from, reader)
    }
}

extension ObjectiveTrial.Outcome {
    fileprivate mutating func take(_ judged: JudgedWindow) {
        counts[judged.verdict, default: 0] += 1
        guard judged.verdict == .met || judged.verdict == .warning, let distance = judged.distance else { return }
        if let nearest = closest?.distance, nearest <= distance { return }
        closest = judged
    }

    fileprivate mutating func take(_ event: EpisodeEvent, isBroken: Bool, _ numbers: inout [Instant: Int]) {
        let episode = event.episode
        let place = numbers[episode.onset] ?? episodes.count
        if place == episodes.count {
            numbers[episode.onset] = place
            episodes.append(
                ObjectiveTrial.Episode(onset: episode.onset, raisedAt: episode.raisedAt, windows: 0))
        }
        episodes[place].clearedAt = episode.clearedAt
        (episodes[place].peak, episodes[place].limit) = (episode.peak, episode.limit)
        if isBroken { episodes[place].windows += 1 }
    }
}

extension JudgedWindow {
    /// How far its value lies from its limit; nil where it has none.
    fileprivate var distance: Double? {
        guard let value, let limit else { return nil }
        return abs(value - limit)
    }
}

extension Recorder {
    /// The values of an indicator over windows that end after an instant: computed for a trial, or on record.
    func values(of indicator: Int, from begin: Instant, _ reader: StoreReader, _ body: (IndicatorValue) -> Void) throws
    {
        if let computed = trialValues[indicator] {
            for value in computed.values where value.window.end > begin { body(value) }
        } else {
            let stretch = Window(start: begin, end: .distantFuture)
            try reader.versionedValues(indicator, in: stretch, overlapping: true) { value, version in
                if try isAlike(indicator, value.window, version: version, reader) { body(value) }
            }
        }
    }

    /// The values of windows wholly inside a stretch, computed for a trial or on record with their version.
    func recordedValues(
        _ indicator: Int, in stretch: Window, _ reader: StoreReader, _ body: (IndicatorValue, Int?) throws -> Void
    ) throws {
        guard let computed = trialValues[indicator] else {
            return try reader.versionedValues(indicator, in: stretch, body)
        }
        let inside = computed.values.filter { stretch.contains($0.window) }
        for value in inside.sorted(by: { $0.window.end < $1.window.end }) { try body(value, nil) }
    }

    /// The final value of a window, computed for a trial or on record.
    func valueOnRecord(_ indicator: Int, _ window: Window, _ reader: StoreReader) throws -> IndicatorValue? {
        if let computed = trialValues[indicator] { return computed[window] }
        return try reader.value(indicator, window)
    }

    /// The closed windows of an indicator that end after an instant, computed from the stored readings and the values of
    /// what it is computed from.
    fileprivate func computed(
        _ indicator: Int, from begin: Instant, _ reader: StoreReader
    ) throws -> [Window: IndicatorValue] {
        guard let recordStart, let newest = pastClock else { return [:] }
        let sequence = WindowSequence(plan.indicators[indicator].rule, calendar: plan.calendar)
        let first = sequence.first(endingAfter: max(begin, recordStart))
        guard first.end <= newest else { return [:] }
        let run = IndicatorEngine(plan: plan, indicators: [indicator], closesByGrace: false)
        run.open(indicator, at: first)
        let needed = run.firstNeeded(indicator) ?? first.start
        for source in plan.indicators[indicator].indicators {
            var values: [IndicatorValue] = []
            let early = plan.indicators[indicator].model?.baseline.start ?? needed
            try self.values(of: source, from: min(needed, early), reader) { values.append($0) }
            for value in values.sorted(by: { $0.window.end < $1.window.end }) { run.supply(value) }
        }
        var found: [Window: IndicatorValue] = [:]
        func absorb() { for value in run.takeOutput().closed { found[value.window] = value } }
        var feed = StoredFeed(reader, from: try feedStarts(for: indicator, from: needed, reader), until: newest + 1)
        while let readings = try feed.next() {
            var index = 0
            while index < readings.count {
                index = run.take(readings, from: index)
                absorb()
            }
        }
        run.close(indicator, through: newest)
        absorb()
        return found
    }
}
