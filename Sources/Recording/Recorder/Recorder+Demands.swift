import Conformity
import Indicators
import Metering
import RecordKeeping
import Storage

extension Recorder {
    /// Puts a objective where it stood at the last commit; what was closed and not judged since is queued.
    func restore(_ objective: ObjectiveAtWork, _ session: RecordingSession) throws {
        (objective.baseline, objective.model) = (nil, nil)
        (objective.waiting, objective.isToBeginAnew) = ([], false)
        let standing = try standing(of: objective, before: .distantFuture, session.writer)
        (objective.judge, objective.lastVerdict) = (standing.judge, standing.lastVerdict)
        let from = standing.begin
        let indicator = objective.definition.indicator
        guard let closedEnd = closedEnds[indicator], closedEnd > from else { return }
        let since = Window(start: from, end: closedEnd)
        try session.writer.versionedValues(indicator, in: since, overlapping: true) { value, version in
            guard value.window.end > objective.since,
                try isAlike(indicator, value.window, version: version, session.writer)
            else {
                return
            }
            objective.waiting.append(value)
        }
    }

    /// Where a objective's judge stands before the first window that ends at an instant or later; where its demand has judged
    /// none before that, where the demand begins.
    func standing(of objective: ObjectiveAtWork, before end: Instant, _ reader: StoreReader) throws -> JudgeStanding {
        let last = try objective.lastVerdict(before: max(end, objective.since + 1), reader)
        if objective.since > .distantPast, last?.window.end ?? .distantPast <= objective.since {
            let judge = try newDemand(objective, after: last, reader)
            return JudgeStanding(judge: judge, last: last, lastVerdict: nil, begin: objective.since)
        }
        var verdict = last?.verdict
        if let last, last.verdict == .notEvaluable {
            // It says nothing of how the objective stood before: a warning after it is news only where that was met.
            verdict = try reader.lastEvaluable(objective.index, after: objective.since, through: last.window.end)
        }
        return JudgeStanding(
            judge: objective.newJudge(after: last), last: last, lastVerdict: verdict,
            begin: last?.window.end ?? .distantPast
        )
    }

    /// The judge of an objective's demand at its beginning, as the one before it left things (Rules 13).
    private func newDemand(
        _ objective: ObjectiveAtWork, after last: JudgedWindow?, _ reader: StoreReader
    ) throws -> ObjectiveJudge {
        let number = reader.number(ofObjective: objective.index)
        let mine = ends.filter { $0.kind == .objective && $0.thing == number }
        var before: (judge: ObjectiveJudge, unit: String?)?
        var entered = Instant.distantPast
        for end in mine where end.end >= last?.window.end ?? .distantPast {
            defer { entered = end.end }
            guard let past = try past(end.version, reader), let index = past.objectives.firstIndex(of: number) else {
                before = nil
                continue
            }
            let definition = past.plant.objectives[index]
            let indicator = past.plant.plan.indicators[definition.indicator]
            var judge = ObjectiveJudge(
                definition, objective: objective.index, indicator: indicator, calendar: past.plant.plan.calendar)
            let unit = definition.shownUnit(indicator, at: entered)
            if let before {
                judge.begin(
                    after: entered, carrying: before.judge,
                    keepingEpisode: !isWithdrawn(number, with: mine, endingAt: entered),
                    isSameUnit: unit == before.unit, exceedances: 0, values: [])
            } else if let last {
                judge.memory = last.memory
            }
            before = (judge, unit)
        }
        let keeps = !isWithdrawn(number, with: mine, endingAt: objective.since)
        var judge = objective.newJudge(after: nil)
        judge.begin(
            after: objective.since, carrying: before?.judge, keepingEpisode: keeps,
            isSameUnit: before?.unit == objective.definition.shownUnit(objective.indicator, at: objective.since),
            exceedances: try exceedances(of: objective, reader), evaluable: try evaluable(of: objective, reader),
            values: try values(before: objective, reader))
        return judge
    }

    private func isWithdrawn(_ number: Int64, with mine: [DefinitionEnd], endingAt end: Instant) -> Bool {
        let versions = mine.filter { $0.end == end }.map(\.version)
        return ends.contains { $0.kind == .withdrawn && $0.thing == number && versions.contains($0.version) }
    }

    /// The values of the period in which a demand begins, as far as they ended by then, and which cannot be added up.
    private func values(before objective: ObjectiveAtWork, _ reader: StoreReader) throws
        -> [(value: IndicatorValue, context: ObjectiveJudge.Context, isForeign: Bool)]
    {
        guard let period = objective.judge.period(at: objective.since) else { return [] }
        var found: [(value: IndicatorValue, context: ObjectiveJudge.Context, isForeign: Bool)] = []
        let stretch = Window(start: period.start, end: objective.since)
        try reader.versionedValues(objective.definition.indicator, in: stretch, overlapping: true) { value, version in
            guard value.window.end <= objective.since else { return }
            let indicator = objective.definition.indicator
            let kinship = try kinship(of: value.window, indicator, version: version, reader)
            if kinship == .later { return }
            var context = ObjectiveJudge.Context(recordStart: recordStart ?? objective.since)
            context.model = try model(of: value, at: objective, reader)
            found.append((value, context, kinship == .foreign))
        }
        return found
    }

    /// The windows that end in a period by the beginning of a demand.
    private func stretch(of period: Window, at objective: ObjectiveAtWork) -> Window {
        // Windows of counted days begin as far back as those lie.
        guard objective.indicator.counted == nil else { return Window(start: .distantPast, end: objective.since) }
        let sequence = WindowSequence(objective.indicator.rule, calendar: objective.calendar)
        let first = sequence.first(endingAfter: period.start)
        return Window(start: min(first.start, period.start) - sequence.disorder, end: objective.since)
    }

    /// How many windows of the period in which a demand begins were judged and evaluable by then.
    private func evaluable(of objective: ObjectiveAtWork, _ reader: StoreReader) throws -> Int {
        guard let period = objective.judge.period(at: objective.since) else { return 0 }
        var count = 0
        try reader.verdicts(objective.index, in: stretch(of: period, at: objective)) { judged in
            if judged.verdict != .notEvaluable, judged.window.end > period.start { count += 1 }
        }
        return count
    }

    /// What counted as an exceedance in the period in which a demand begins, each by the demand of its time.
    private func exceedances(of objective: ObjectiveAtWork, _ reader: StoreReader) throws -> Int {
        guard let period = objective.judge.period(at: objective.since) else { return 0 }
        let number = reader.number(ofObjective: objective.index)
        let mine = ends.filter { $0.kind == .objective && $0.thing == number }
        var judges: [Int: ObjectiveJudge?] = [:]
        var count = 0
        try reader.verdicts(objective.index, in: stretch(of: period, at: objective)) { judged in
            guard judged.window.end > period.start, let end = mine.first(where: { $0.end >= judged.window.end }) else {
                return
            }
            let judge = try judges[end.version] ?? past(end.version, reader)?.judge(ofObjective: number)
            judges[end.version] = .some(judge)
            if judge?.exceeds(judged) == true { count += 1 }
        }
        return count
    }
}

extension PastPlant {
    /// The judge of an objective by its demand of that time; nil where there was none.
    fileprivate func judge(ofObjective number: Int64) -> ObjectiveJudge? {
        guard let index = objectives.firstIndex(of: number) else { return nil }
        let definition = plant.objectives[index]
        return ObjectiveJudge(
            definition, objective: index, indicator: plant.plan.indicators[definition.indicator],
            calendar: plant.plan.calendar)
    }
}
