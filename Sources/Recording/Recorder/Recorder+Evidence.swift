import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

/// The evidence of nonconformities: windows, and what was read of each point (Rules 10).
extension Recorder {
    /// Collects the windows of an episode by their final revisions, and what was read of each point during it: until the
    /// raising while it lasts, in all once it is over (Rules 10). Windows of one that lasts are those that have closed, or end
    /// at or before `end`.
    func collectEvidence(
        for nonconformity: inout Nonconformity, of episode: Episode, through end: Instant? = nil,
        at objective: ObjectiveAtWork, _ session: RecordingSession
    ) throws {
        let closedEnd =
            end ?? objective.judgesThrough ?? closedEnds[objective.definition.indicator] ?? episode.raisedAt
        let stretch = Window(start: episode.onset, end: episode.clearedAt ?? max(episode.raisedAt, closedEnd))
        // What was frozen under an earlier demand stays: it may have been about another indicator.
        let frozen = nonconformity.windows.filter { $0.end <= objective.since.milliseconds }
        // So does what was found under a later one, as far as the episode still goes.
        let over = episode.clearedAt ?? .distantFuture
        let later = nonconformity.windows.filter {
            $0.end > objective.until.milliseconds && $0.end <= over.milliseconds
        }
        let own = try evidence(of: objective, over: stretch, session.writer).filter {
            $0.end > objective.since.milliseconds && $0.end <= objective.until.milliseconds
        }
        nonconformity.windows = frozen + own + later
        let read = Window(start: episode.onset, end: episode.clearedAt ?? episode.raisedAt)
        nonconformity.points = try pointEvidence(
            of: objective, over: read, firstEnd: nonconformity.windows.first.map { Instant(milliseconds: $0.end) },
            raisedAt: episode.raisedAt, session)
    }

    private func evidence(of objective: ObjectiveAtWork, over stretch: Window, _ reader: StoreReader) throws
        -> [EvidenceWindow]
    {
        var values: [Window: IndicatorValue] = [:]
        try reader.values(objective.definition.indicator, overlapping: stretch) { values[$0.window] = $0 }
        var windows: [EvidenceWindow] = []
        // Later ones may begin before the onset: the first of another demand, and a month that is longer than that of the first.
        var hasBegun = objective.since > stretch.start
        try reader.verdicts(objective.index, overlapping: stretch) { judged in
            hasBegun = hasBegun || judged.window.start >= stretch.start
            guard hasBegun, judged.window.end <= stretch.end else { return }
            if let value = values[judged.window] { windows.append(EvidenceWindow(judged, value)) }
        }
        return windows
    }

    /// What was read of each point, by the rule that made the windows of its time, under the name that it had at the
    /// raising: whoever collects it finds the same. `firstEnd` is the end of the episode's first window.
    private func pointEvidence(
        of objective: ObjectiveAtWork, over stretch: Window, firstEnd: Instant?, raisedAt: Instant,
        _ session: RecordingSession
    ) throws -> [EvidencePoint] {
        var order: [Int64] = []
        var found: [Int64: EvidencePoint] = [:]
        for part in try judgingParts(of: objective, over: stretch, firstEnd ?? stretch.start, session) {
            for point in part.plan.pointsUsed(by: part.indicator, over: part.stretch) {
                let number = part.reader.number(ofPoint: point)
                if found[number] == nil {
                    let name = part.plan.points[Int(point)].name
                    found[number] = EvidencePoint(
                        point: try part.reader.name(ofPoint: name, inVersion: part.version, at: raisedAt),
                        count: 0, minimum: nil, maximum: nil, first: nil, last: nil)
                    order.append(number)
                }
                try StoredPoint(point, plan: part.plan).readings(in: part.stretch, part.reader) { reading in
                    if reading.isUsable { found[number]?.add(reading.value) }
                }
            }
        }
        return order.compactMap { found[$0] }
    }

    /// The parts of a stretch, each with the definitions that made and judged the windows that end in it.
    private func judgingParts(
        of objective: ObjectiveAtWork, over stretch: Window, _ firstEnd: Instant, _ session: RecordingSession
    ) throws -> [JudgingPart] {
        let number = session.writer.number(ofObjective: objective.index)
        var parts: [JudgingPart] = []
        var begin = stretch.start
        func add(through end: Instant, _ plan: IndicatorPlan, _ indicator: Int, _ version: Int?, _ reader: StoreReader)
        {
            let part = Window(start: begin, end: min(end, stretch.end))
            begin = part.end
            parts.append(
                JudgingPart(stretch: part, plan: plan, indicator: indicator, version: version, reader: reader))
        }
        let versions = Set(allEnds.filter { $0.end > begin && $0.kind.isOfWindows }.map(\.version)).sorted()
        for version in versions where begin < stretch.end {
            guard let past = try past(version, session.writer), let index = past.objectives.firstIndex(of: number)
            else {
                continue
            }
            let indicator = past.plant.objectives[index].indicator
            let ends = allEnds.filter { end in
                end.version == version
                    && (end.kind == .objective && end.thing == number
                        || end.kind == .indicator && end.thing == past.indicators[indicator])
            }
            // Who judged none of its windows has no part in it, also where the first of them began in its time.
            guard let end = ends.map(\.end).min(), end > begin, end >= firstEnd else { continue }
            let reader = try session.writer.seen(by: past.names, ofVersion: version)
            add(
                through: end, version == self.version ? plan : try plan(of: past, session), indicator, version, reader)
        }
        guard begin < stretch.end || parts.isEmpty else { return parts }
        if let present, let index = try present.place(ofObjective: number, session) {
            let reader = try session.writer.seen(by: StoreNames(present.plant), ofVersion: present.version ?? .max)
            add(
                through: stretch.end, present.plan, present.objectives[index].definition.indicator, present.version,
                reader)
        } else {
            add(through: stretch.end, plan, objective.definition.indicator, version, session.writer)
        }
        return parts
    }

    /// The demand of an objective that judged the windows that end at an instant.
    func demand(of objective: ObjectiveAtWork, at end: Instant, _ reader: StoreReader) throws -> any Demand {
        let number = reader.number(ofObjective: objective.index)
        let own = objective.definition.requirement.demand
        guard end > objective.until else { return own }
        let versions = allEnds.filter { $0.kind == .objective && $0.thing == number && $0.end >= end }.map(\.version)
        if let version = versions.min() {
            let past = try past(version, reader)
            let index = past?.objectives.firstIndex(of: number)
            return index.flatMap { past?.plant.objectives[$0].requirement.demand } ?? own
        }
        let definitions = present?.objectives ?? objectives
        return definitions.first { $0.name == objective.name }?.definition.requirement.demand ?? own
    }

    /// The place of an objective by the database's number in the configuration; nil where it is gone.
    private func place(ofObjective number: Int64, _ session: RecordingSession) throws -> Int? {
        let reader = try session.writer.seen(by: StoreNames(plant), ofVersion: version ?? .max)
        return objectives.indices.first { reader.number(ofObjective: $0) == number }
    }
}

/// A part of an episode with what made the windows in it.
private struct JudgingPart {
    let stretch: Window
    let plan: IndicatorPlan
    let indicator: Int
    let version: Int?
    /// Knows the plan's points.
    let reader: StoreReader
}

extension DefinitionEnd.Kind {
    /// Whether windows are made or judged by others from there on.
    fileprivate var isOfWindows: Bool {
        switch self {
        case .indicator, .objective: true
        case .counter, .scale, .withdrawn: false
        }
    }
}

extension EvidencePoint {
    fileprivate mutating func add(_ value: Double) {
        count += 1
        minimum = Swift.min(minimum ?? value, value)
        maximum = Swift.max(maximum ?? value, value)
        if first == nil { first = value }
        last = value
    }
}

extension EvidenceWindow {
    /// The evidence of one judged window.
    init(_ judged: JudgedWindow, _ value: IndicatorValue) {
        self.init(
            start: judged.window.start.milliseconds, end: judged.window.end.milliseconds,
            verdict: judged.verdict.text, value: judged.value, limit: judged.limit, coverage: value.coverage,
            status: value.status.text, revision: value.revision)
    }
}
