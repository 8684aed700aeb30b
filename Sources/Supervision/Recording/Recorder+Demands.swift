import Conformity
import Indicators
import Metering
import Storage

extension Recorder {
    /// Puts a desk where it stood at the last commit; what was closed and not judged since is queued.
    func restore(_ desk: ObjectiveDesk, _ session: RecordingSession) throws {
        desk.baseline = nil
        let from = try rewind(desk, to: nil, session)
        let indicator = desk.definition.indicator
        guard let closedEnd = closedEnds[indicator], closedEnd > from else { return }
        let since = Window(start: from, end: closedEnd)
        try session.writer.versionedValues(indicator, in: since, overlapping: true) { value, version in
            guard value.window.end > desk.since, try isAlike(indicator, version: version, session.writer) else {
                return
            }
            desk.waiting.append(value)
        }
    }

    /// Puts a desk's judge back to before a window (nil: to after the last verdict), and returns the end of the window
    /// judged last then, or from when on the demand is in force.
    func rewind(_ desk: ObjectiveDesk, to start: Window?, _ session: RecordingSession) throws -> Instant {
        let last = try desk.rewind(to: start, session.writer)
        if desk.since == .distantPast { return last?.window.end ?? .distantPast }
        if let last, last.window.end > desk.since { return last.window.end }
        try begin(desk, after: last, session.writer)
        return desk.since
    }

    /// Begins an objective's demand, as the one before it left things (Rules 13).
    private func begin(_ desk: ObjectiveDesk, after last: JudgedWindow?, _ reader: StoreReader) throws {
        desk.lastVerdict = nil
        let number = reader.number(ofObjective: desk.index)
        let mine = ends.filter { $0.kind == .objective && $0.thing == number }
        var before: (judge: ObjectiveJudge, unit: String?, shape: String)?
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
                definition, objective: desk.index, indicator: indicator, calendar: past.plant.plan.calendar)
            let unit = definition.shownUnit(indicator)
            if let before {
                judge.begin(
                    after: entered, carrying: before.judge,
                    keepingEpisode: !isWithdrawn(number, with: mine, endingAt: entered),
                    isSameUnit: unit == before.unit, exceedances: 0, values: [], recordStart: entered)
            } else if let last {
                judge.memory = last.memory
            }
            before = (judge, unit, past.shapes[definition.indicator])
        }
        let keeps = !isWithdrawn(number, with: mine, endingAt: desk.since)
        desk.judge.begin(
            after: desk.since, carrying: before?.judge, keepingEpisode: keeps,
            isSameUnit: before?.unit == desk.definition.shownUnit(desk.indicator),
            exceedances: try exceedances(of: desk, before?.judge, reader),
            values: try values(before: desk, reader), recordStart: recordStart ?? desk.since)
    }

    private func isWithdrawn(_ number: Int64, with mine: [DefinitionEnd], endingAt end: Instant) -> Bool {
        let versions = mine.filter { $0.end == end }.map(\.version)
        return ends.contains { $0.kind == .withdrawn && $0.thing == number && versions.contains($0.version) }
    }

    /// The values of the period in which a demand begins, as far as they ended by then, and which cannot be added up.
    private func values(before desk: ObjectiveDesk, _ reader: StoreReader) throws
        -> [(value: IndicatorValue, isForeign: Bool)]
    {
        guard let period = desk.judge.period(at: desk.since) else { return [] }
        var found: [(value: IndicatorValue, isForeign: Bool)] = []
        let stretch = Window(start: period.start, end: desk.since)
        try reader.versionedValues(desk.definition.indicator, in: stretch, overlapping: true) { value, version in
            guard value.window.end <= desk.since else { return }
            found.append((value, !(try isAlike(desk.definition.indicator, version: version, reader))))
        }
        return found
    }

    /// What counted as an exceedance in the period in which a demand begins.
    private func exceedances(of desk: ObjectiveDesk, _ before: ObjectiveJudge?, _ reader: StoreReader) throws -> Int {
        guard let period = desk.judge.period(at: desk.since), let before else { return 0 }
        if let counted = before.exceedances(at: desk.since) { return counted }
        guard case .limits = before.definition.requirement else { return 0 }
        var count = 0
        try reader.verdicts(desk.index, in: Window(start: .distantPast, end: desk.since)) { judged in
            if judged.verdict == .notMet, judged.window.end > period.start { count += 1 }
        }
        return count
    }
}
