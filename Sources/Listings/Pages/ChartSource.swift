import Charts
import ConfigurationSource
import Conformity
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// Charts of what is on record: of a point, an indicator or an objective.
package struct ChartSource {
    private let record: PlantRecord
    private let reader: StoreReader
    private let plan: IndicatorPlan?
    private let now: Instant

    /// Charts from one state of a record, as seen at `now`.
    init(_ page: Page) {
        (record, reader, plan, now) = (page.record, page.reader, page.plan, page.now)
    }

    /// Charts from one state of a record, as seen at `now`.
    package init(_ record: PlantRecord, _ reader: StoreReader, now: Instant) {
        (self.record, self.reader, plan, self.now) = (record, reader, record.plan, now)
    }

    /// The chart of that name over a stretch; throws a ``CommandError`` (65) with the nearest name.
    package func chart(named name: String, in stretch: Window) throws -> TimeChart {
        let names = reader.names
        if let index = names.points.firstIndex(where: { $0.name == name }) { return try point(index, stretch) }
        if let index = names.indicators.firstIndex(where: { $0.name == name && !$0.isHidden }) {
            return try indicator(index, stretch)
        }
        if let index = names.objectives.firstIndex(where: { $0.name == name }) { return try objective(index, stretch) }
        let known =
            names.points.map(\.name) + names.indicators.filter { !$0.isHidden }.map(\.name)
            + names.objectives.map(\.name)
        throw CommandError(
            .badInput,
            "there is no point, indicator or objective '\(name)'" + NearestName.hint(for: name, among: known),
            matter: .absent)
    }

    /// The chart of an indicator, with the limits and episodes of its objectives.
    package func indicator(_ index: Int, _ stretch: Window) throws -> TimeChart {
        let shown = reader.names.indicators[index]
        var samples: [TimeChart.Sample] = []
        let suspect = try SuspectWindows(plan, reader, now: now)
        func add(_ value: IndicatorValue, isProvisional: Bool) {
            guard let number = value.value, value.status != .undefined else { return }
            let doubt: IndicatorFlags = [.uncertain, .estimated, .suspect]
            let start = max(value.window.start, samples.last?.window.end ?? .distantPast)
            guard start < value.window.end else { return }
            samples.append(
                TimeChart.Sample(
                    Window(start: start, end: value.window.end), number,
                    isUncertain: !isProvisional
                        && (value.status == .insufficient || !value.flags.isDisjoint(with: doubt)),
                    isProvisional: isProvisional, isRevised: value.flags.contains(.revised),
                    isSuspect: suspect.contains(value.window, of: shown.name)))
        }
        try reader.values(index, overlapping: stretch) { add($0, isProvisional: false) }
        for value in record.live?().provisional ?? [] where value.indicator == index && stretch.overlaps(value.window) {
            add(value, isProvisional: true)
        }
        let judged = (record.plant?.objectives ?? []).filter { $0.indicator == index }
        return TimeChart(
            title: shown.title ?? shown.name, unit: shown.unit, stretch: stretch, samples: samples,
            lines: judged.flatMap(ChartSource.lines), episodes: try judged.flatMap { try episodes($0.name, stretch) })
    }

    private func objective(_ index: Int, _ stretch: Window) throws -> TimeChart {
        let shown = reader.names.objectives[index]
        var samples: [TimeChart.Sample] = []
        var limit: Double?
        let suspect = try SuspectWindows(plan, reader, now: now)
        try reader.verdicts(index, in: stretch) { judged in
            limit = judged.limit ?? limit
            let start = max(judged.window.start, samples.last?.window.end ?? .distantPast)
            guard let value = judged.value, start < judged.window.end else { return }
            samples.append(
                TimeChart.Sample(
                    Window(start: start, end: judged.window.end), value, isUncertain: judged.verdict == .notEvaluable,
                    isSuspect: suspect.contains(judged.window, of: shown.indicator)))
        }
        let own = record.plant?.objectives.first { $0.name == shown.name }.map(ChartSource.lines) ?? []
        let lines = own.isEmpty ? limit.map { [TimeChart.Line(.limit, $0)] } ?? [] : own
        return TimeChart(
            title: shown.title ?? shown.name, unit: shown.unit, stretch: stretch, samples: samples, lines: lines,
            episodes: try episodes(shown.name, stretch))
    }

    private func point(_ index: Int, _ stretch: Window) throws -> TimeChart {
        let shown = reader.names.points[index]
        let known = plan.flatMap { $0.points.indices.contains(index) ? $0.points[index] : nil }
        let maxGap = known?.maxGap ?? 600_000
        var samples: [TimeChart.Sample] = []
        var last: Reading?
        func hold(until end: Instant) {
            guard let reading = last, reading.isUsable else { return }
            let window = Window(start: reading.time, end: min(end, reading.time + maxGap, stretch.end))
            guard window.start < window.end, window.overlaps(stretch) else { return }
            samples.append(TimeChart.Sample(window, reading.value, isUncertain: reading.quality == .uncertain))
        }
        let asked = Window(start: stretch.start - maxGap, end: stretch.end)
        func take(_ reading: Reading) {
            hold(until: reading.time)
            last = reading
        }
        if let plan, known != nil {
            try StoredPoint(PointIndex(index), plan: plan).readings(in: asked, reader, take)
        } else {
            try reader.readings(PointIndex(index), in: asked, take)
        }
        hold(until: min(now, stretch.end))
        return TimeChart(title: shown.name, unit: shown.unit, stretch: stretch, samples: samples)
    }

    private func episodes(_ objective: String, _ stretch: Window) throws -> [TimeChart.Episode] {
        try reader.nonconformities(objective: objective).compactMap { found in
            let window = Window(
                start: found.onset, end: max(found.onset + 1, found.clearedAt ?? found.withdrawnAt ?? now))
            return window.overlaps(stretch) ? TimeChart.Episode(window, found.id) : nil
        }
    }

    /// The lines of an objective with limits for each window.
    private static func lines(_ objective: ObjectiveDefinition) -> [TimeChart.Line] {
        guard case .limits(let limits) = objective.requirement else { return [] }
        return [limits.max, limits.min].compactMap { $0 }.map { TimeChart.Line(.limit, $0) }
            + (limits.warn.map { [TimeChart.Line(.warning, $0)] } ?? [])
    }
}
