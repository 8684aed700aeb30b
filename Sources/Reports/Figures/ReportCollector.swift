import Conformity
import Indicators
import Listings
import ManagementSystem
import Metering
import PlantConfiguration
import RecordKeeping
import Recording
import Storage

/// All figures of a report, read from one state of the record.
struct ReportFigures {
    let record: PlantRecord
    let reader: StoreReader
    let period: ReportPeriod
    let now: Instant
    private(set) var objectives: [ObjectiveResult] = []
    private(set) var indicators: [IndicatorResult] = []
    private(set) var nonconformities: [NonconformityResult] = []
    private(set) var points: [PointResult] = []
    private(set) var configurations: [ConfigurationRecord] = []
    /// Checks of meters known by ``now``, in order of meter and date.
    let checks: [CalibrationRecord]
    /// Readings at zero and span, in order of point and time.
    let drift: [DriftReading]
    /// What both put in doubt.
    let doubts: [Doubt]
    /// What the register lacks.
    let holes: [RegisterHole]
    private let suspect: SuspectWindows

    var calendar: SiteCalendar { record.calendar }

    init(_ record: PlantRecord, _ reader: StoreReader, _ period: ReportPeriod, now: Instant) throws {
        (self.record, self.reader, self.period, self.now) = (record, reader, period, now)
        checks = try ManagementRecords.calibrations(in: reader).filter { $0.at <= now.milliseconds }
        drift = try ManagementRecords.drift(in: reader).filter { $0.time <= now.milliseconds }
        doubts = Doubt.all(of: checks, drift, since: try reader.recordStart() ?? now)
        suspect = SuspectWindows(record.plan, doubts)
        let register = record.plant?.register ?? EnvironmentalRegister()
        holes =
            register.holes(on: record.calendar.date(now)) + register.holes(of: checks, at: now, in: record.calendar)
        objectives = try reader.names.objectives.indices.map(objective)
        indicators = try reader.names.indicators.indices.filter { !reader.names.indicators[$0].isHidden }.map(indicator)
        nonconformities = try reader.nonconformities().compactMap(nonconformity)
        points = try reader.names.points.enumerated().filter { !$0.element.isDerived }.map { index, point in
            let counts = try reader.counts(PointIndex(index), in: period.stretch)
            return PointResult(name: point.name, count: counts.count, usable: counts.usable)
        }
        configurations = try reader.configurations().filter { $0.since < period.stretch.end }
    }

    private func objective(_ index: Int) throws -> ObjectiveResult {
        let shown = reader.names.objectives[index]
        let definition = record.plant?.objectives.first { $0.name == shown.name }
        var result = ObjectiveResult(
            name: shown.name, title: shown.title ?? shown.name, unit: shown.unit, indicator: shown.indicator,
            definition: definition)
        let isLower = definition?.requirement.demand.hasLowerLimitOnly ?? false
        var lastDay: (number: Int64, date: CivilDate)?
        try reader.verdicts(index, in: period.stretch) { judged in
            result.counts[judged.verdict, default: 0] += 1
            result.last = judged
            if suspect.contains(judged.window, of: shown.indicator) { result.suspect += 1 }
            if let value = judged.value, let limit = judged.limit, judged.verdict != .notEvaluable {
                let isWorse = result.worst.map { isLower ? value < $0.value : value > $0.value } ?? true
                if isWorse { result.worst = (value, limit, judged.window.end) }
            }
            let instant = judged.window.end - 1
            let day: CivilDate
            if let lastDay, lastDay.number == instant.milliseconds / 3_600_000 {
                day = lastDay.date
            } else {
                day = calendar.date(instant)
                lastDay = (instant.milliseconds / 3_600_000, day)
            }
            result.days[day] = max(result.days[day] ?? .notEvaluable, judged.verdict) {
                ReportFigures.rank($0) < ReportFigures.rank($1)
            }
        }
        try reader.verdicts(index, in: period.before) { result.before[$0.verdict, default: 0] += 1 }
        return result
    }

    private static func rank(_ verdict: Verdict) -> Int {
        switch verdict {
        case .notEvaluable: 0
        case .met: 1
        case .warning: 2
        case .notMet: 3
        }
    }

    private func indicator(_ index: Int) throws -> IndicatorResult {
        let shown = reader.names.indicators[index]
        let planned = record.plant?.plan.indicators ?? []
        let place = planned.firstIndex { $0.name == shown.name }
        var result = IndicatorResult(
            index: index, name: shown.name, title: shown.title ?? shown.name, unit: shown.unit,
            definition: place.map { planned[$0] })
        result.isAmount = place.map { Amounts.isAmount($0, in: planned) } ?? false
        try reader.values(index, in: period.stretch) { result.now.add($0) }
        try reader.values(index, in: period.before) { result.before.add($0) }
        if period.yearBefore == period.before {
            result.yearBefore = result.before
        } else {
            try reader.values(index, in: period.yearBefore) { result.yearBefore.add($0) }
        }
        return result
    }

    /// A nonconformity that lasted, or with which somebody had something to do, in the period.
    private func nonconformity(_ found: Nonconformity) throws -> NonconformityResult? {
        let end = found.clearedAt ?? found.withdrawnAt ?? now
        let lasted = Window(start: found.onset, end: max(found.onset + 1, end))
        let life = try reader.life(of: found.id)
        let isHandled = life.steps.contains { period.stretch.contains($0.time) }
        let wasOpen = found.raisedAt < period.stretch.end && !life.state.isFinal
        guard lasted.overlaps(period.stretch) || isHandled || wasOpen else { return nil }
        let inside = min(end, period.stretch.end) - max(found.onset, period.stretch.start)
        return NonconformityResult(
            found: found, life: life,
            title: reader.names.objectives.first { $0.name == found.objectiveName }?.title ?? found.objectiveName,
            duration: max(0, inside))
    }
}

private func max<T>(_ a: T, _ b: T, by isLess: (T, T) -> Bool) -> T { isLess(a, b) ? b : a }
