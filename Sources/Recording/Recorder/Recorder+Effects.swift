import Conformity
import Foundation
import Indicators
import Metering
import RecordKeeping
import Storage

/// Whether what people did has worked: the telemetry says it, by comparable operation only (Rules 10).
extension Recorder {
    /// What the telemetry says about each criterion that is watched; those of indicators that are gone are left out.
    func effects(
        watchedBy life: NonconformityLifecycle, of found: Nonconformity, _ reader: StoreReader
    ) throws -> [String: Effectiveness] {
        guard let since = life.watchedSince else { return [:] }
        var effects: [String: Effectiveness] = [:]
        for action in life.actions {
            guard let text = action.effectiveWhen, let criterion = try? EffectivenessCriterion(text),
                let index = index(ofIndicatorIn: text)
            else { continue }
            var values: [IndicatorValue] = []
            try reader.values(index, in: Window(start: since, end: .distantFuture)) { values.append($0) }
            let finding = try criterion.finding(in: values, since: since, least: action.operation.least) { value in
                try isComparable(value, for: action.operation.point, found, reader)
            }
            // Of two actions with the same criterion the stricter operation decides.
            if case .met? = effects[text] { effects[text] = nil }
            effects[text] = effects[text] ?? finding
        }
        return effects
    }

    /// Whether a window proves anything: the plant ran in it, as it did at the onset where a point says how.
    private func isComparable(
        _ value: IndicatorValue, for point: String?, _ found: Nonconformity, _ reader: StoreReader
    ) throws -> Bool {
        let key = OperationMemory.Key(
            id: found.id, point: point, indicator: value.indicator, window: value.window, revision: value.revision)
        if let known = attention.operation.windows[key] { return known }
        let isComparable: Bool
        if let point {
            let range = try loadAtOnset(of: point, found, reader)
            let load = try load(of: point, over: value.window, reader)
            isComparable = range.flatMap { range in load.map(range.contains) } ?? false
        } else {
            isComparable = try hasRun(value, reader)
        }
        attention.operation.windows[key] = isComparable
        return isComparable
    }

    /// From the least to the greatest mean of the point over the windows that were not met, and a tenth of their middle beyond; nil
    /// where it is not known.
    private func loadAtOnset(
        of point: String, _ found: Nonconformity, _ reader: StoreReader
    ) throws -> ClosedRange<Double>? {
        let key = OperationMemory.Onset(id: found.id, point: point)
        if let known = attention.operation.onsets[key] { return known }
        // The first ones tell how it was, and those of a year are not read.
        let windows = found.windows.filter { $0.verdict == Verdict.notMet.text }.prefix(Recorder.onsetWindows)
        let loads = try windows.compactMap { window in
            try load(
                of: point,
                over: Window(start: Instant(milliseconds: window.start), end: Instant(milliseconds: window.end)), reader
            )
        }
        var range: ClosedRange<Double>?
        if let least = loads.min(), let most = loads.max() {
            let slack = abs(least + most) / 2 * Recorder.onsetSlack
            range = (least - slack)...(most + slack)
        }
        attention.operation.onsets[key] = .some(range)
        return range
    }

    private static let onsetWindows = 100
    private static let onsetSlack = 0.1

    /// The mean of a point over a window (of a counter: its rate), where enough of it is known; nil otherwise.
    private func load(of point: String, over window: Window, _ reader: StoreReader) throws -> Double? {
        guard let index = plan.points.firstIndex(where: { $0.name == point }),
            let rule = WindowRule(plain: CalendarLength(1, .days))
        else {
            return nil
        }
        let aggregate: PointAggregate = plan.points[index].kind == .counter ? .rate : .mean
        let mean = IndicatorDefinition(
            name: point, rule: rule, formula: .leaf(.point(aggregate, PointIndex(index))), formulaText: point)
        let alone = IndicatorPlan(
            calendar: plan.calendar, points: plan.points, derived: plan.derived, indicators: [mean])
        let value = try evaluate(alone, over: window, reader)
        return value?.status == .valid ? value?.value : nil
    }

    private func evaluate(_ alone: IndicatorPlan, over window: Window, _ reader: StoreReader) throws -> IndicatorValue?
    {
        let run = IndicatorEngine(plan: alone, indicators: [0], closesByGrace: false)
        run.open(0, at: window, once: true)
        var starts: [PointIndex: Instant] = [:]
        for point in alone.measuredPoints(behind: alone.pointsUsed(by: 0)) {
            starts[point] = try StoredFeed.start(of: point, before: window.start, plan: alone, reader)
        }
        var feed = StoredFeed(reader, from: starts, until: knownThrough + 1)
        while let readings = try feed.next() {
            var index = 0
            while index < readings.count {
                index = run.take(readings, from: index)
                if let closed = run.takeOutput().closed.first { return closed }
            }
        }
        run.close(0, through: window.end)
        return run.takeOutput().closed.first
    }

    /// Whether the plant ran in a window, as far as the points of its indicator tell: a gauge or state that was not 0 all the time, a
    /// counter that went on.
    private func hasRun(_ value: IndicatorValue, _ reader: StoreReader) throws -> Bool {
        for point in plan.pointsUsed(by: value.indicator, over: value.window) {
            let definition = plan.points[Int(point)]
            let start = value.window.start - definition.maxGap
            var first: Double?
            var hasRun = false
            try StoredPoint(point, plan: plan).readings(in: Window(start: start, end: value.window.end), reader) {
                reading in
                guard reading.isUsable, !hasRun else { return }
                if definition.kind == .counter, definition.counting.stretch == 0 {
                    hasRun = first.map { $0 != reading.value } ?? false
                    first = reading.value
                } else {
                    hasRun = reading.value != 0
                }
            }
            if hasRun { return true }
        }
        return false
    }

    func index(ofIndicatorIn criterion: String) -> Int? {
        guard let name = (try? EffectivenessCriterion(criterion))?.indicator else { return nil }
        return plan.indicators.firstIndex { $0.name == name }
    }
}

/// What is known of how the plant ran in windows, so that it is not read again with each one that closes.
struct OperationMemory {
    struct Key: Hashable {
        var id: String
        var point: String?
        var indicator: Int
        var window: Window
        var revision: Int
    }

    struct Onset: Hashable {
        var id: String
        var point: String
    }

    var windows: [Key: Bool] = [:]
    var onsets: [Onset: ClosedRange<Double>?] = [:]
}
