import ConfigurationSource
import Conformity
import Evidence
import Foundation
import Indicators
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording
import SignedNotes
import Storage

/// Takes numbers of a record apart (``Explanation``), each by the configuration that made it.
package struct Explaining {
    private let store: PlantStore
    let reader: StoreReader

    /// Over one consistent state of a store.
    package init(_ store: PlantStore, _ reader: StoreReader) throws {
        self.store = store
        self.reader = try reader.includingRemoved()
    }

    /// The value of the closed window of an indicator that holds an instant; the last one that ends by it where none does.
    ///
    /// Throws a ``CommandError`` (65) where there is no such indicator or window.
    package func value(of name: String, at instant: Instant) throws -> Explanation {
        let names = reader.names.indicators.map(\.name)
        guard let index = names.firstIndex(of: name) else {
            throw CommandError(
                .badInput, "there is no indicator '\(name)'" + NearestName.hint(for: name, among: names),
                matter: .absent)
        }
        var found: (value: IndicatorValue, version: Int?)?
        // Of rolling windows many hold it: the one that ends last before the instant, or next after it.
        try reader.versionedValues(index, in: Window(start: instant - 1, end: instant + 1), overlapping: true) {
            if found == nil || $0.window.start <= instant && $0.window.end > instant { found = ($0, $1) }
        }
        if found == nil {
            try reader.versionedValues(index, in: Window(start: .distantPast, end: instant)) { found = ($0, $1) }
        }
        guard let found else {
            throw CommandError(
                .badInput,
                "no window of \(name) has closed at \(instant.text) or before: see emsctl indicators \(name)",
                matter: .absent)
        }
        return try explain(found.value, of: index, name, found.version)
    }

    /// The windows of a nonconformity's row: the one in which the peak was measured.
    package func nonconformity(_ id: String) throws -> Explanation {
        guard let found = try reader.nonconformity(id) else {
            throw CommandError(
                .badInput, "there is no nonconformity '\(id)': emsctl nc list shows them", matter: .absent)
        }
        guard let objective = reader.names.objectives.first(where: { $0.name == found.objectiveName }),
            let index = reader.names.indicators.firstIndex(where: { $0.name == objective.indicator }),
            let window = found.windows.first(where: { $0.value != nil && $0.value == found.peak })
                ?? found.windows.first
        else {
            throw CommandError(.badInput, "\(id) was raised by a person: there is no value behind it")
        }
        let stretch = Window(start: Instant(milliseconds: window.start), end: Instant(milliseconds: window.end))
        var value: (IndicatorValue, Int?)?
        try reader.versionedValues(index, in: stretch) { if $0.window == stretch { value = ($0, $1) } }
        guard let value else {
            throw CommandError(.badInput, "the window of \(id) was deleted after its retention", matter: .absent)
        }
        return try explain(value.0, of: index, objective.indicator, value.1)
    }

    // MARK: The parts

    private func explain(
        _ value: IndicatorValue, of index: Int, _ name: String, _ version: Int?
    ) throws -> Explanation {
        let configurations = try reader.configurations()
        let record = configurations.first { $0.version == version } ?? configurations.last
        let past = try record.flatMap { try PastPlant(version: $0.version, in: reader) }
        let number = reader.number(ofIndicator: index)
        guard let past, let own = past.indicators.firstIndex(of: number) else {
            return Explanation(
                value: shown(value, name, title: nil, unit: reader.names.indicators[index].unit), judgements: [],
                definition: .init(
                    version: version, digest: record?.digest, since: record?.since, loadedBy: record?.who,
                    formula: "not known: the configuration is not on record, or not understood by this version",
                    demands: []
                ), parts: [], points: [], sources: [], revisions: try revisions(value, index),
                proof: try proof(value, name, []))
        }
        let seen = try reader.seen(by: past.names, ofVersion: past.version)
        let evaluation = try WindowEvaluation(past, store: store, reader: seen)
        let plan = evaluation.plan
        let definition = plan.indicators[own]
        let formula = evaluation.formula(of: own, at: value.window.start)
        var texts: Set<String> = []
        let parts = try formula.0.leaves.compactMap { leaf -> Explanation.Part? in
            let text = leaf.text(in: plan)
            guard definition.counted == nil, definition.model == nil, texts.insert(text).inserted else { return nil }
            return Explanation.Part(text: text, value: try evaluation.value(of: leaf, in: own, over: value.window))
        }
        let points = try usedPoints(own, plan).map { try point($0, over: value.window, past, plan, seen) }
        return Explanation(
            value: shown(value, name, title: definition.title, unit: definition.unit(at: value.window.start)),
            judgements: try judgements(value, past, own, seen),
            definition: .init(
                version: past.version, digest: record?.digest, since: record?.since, loadedBy: record?.who,
                formula: formula.text, demands: demands(definition, plan)),
            parts: parts, points: points, sources: try sources(definition, over: value.window, plan, seen),
            revisions: try revisions(value, index), proof: try proof(value, name, points.map(\.name)))
    }

    private func shown(_ value: IndicatorValue, _ name: String, title: String?, unit: String?) -> Explanation.Value {
        Explanation.Value(
            indicator: name, title: title, window: value.window, value: value.value, unit: unit,
            status: value.status.text, coverage: value.coverage, flags: value.flags.words, revision: value.revision)
    }

    private func demands(_ definition: IndicatorDefinition, _ plan: IndicatorPlan) -> [String] {
        var demands: [String] = []
        if let share = definition.minCoverage {
            demands.append("min_coverage \(share.numerator)/\(share.denominator) of every point")
        }
        if let count = definition.minCount { demands.append("min_count \(count) readings of every point") }
        if let most = definition.maxMissing { demands.append("max_missing \(most) windows") }
        if let condition = definition.condition {
            demands.append("while \(condition.text { plan.points[Int($0)].name })")
        }
        return demands
    }

    /// Points of the formula and the condition, derived ones followed by what they are computed from.
    private func usedPoints(_ index: Int, _ plan: IndicatorPlan) -> [PointIndex] {
        var found: [PointIndex] = []
        func add(_ point: PointIndex) {
            guard !found.contains(point) else { return }
            found.append(point)
            plan.derived.first { $0.point == point }?.inputs.forEach(add)
        }
        plan.indicators[index].points.forEach(add)
        return found
    }

    private func sources(
        _ definition: IndicatorDefinition, over window: Window, _ plan: IndicatorPlan, _ reader: StoreReader
    ) throws -> [Explanation.Source] {
        try definition.indicators.map { source in
            var (windows, valid) = (0, 0)
            try reader.values(source, in: window) {
                windows += 1
                if $0.status == .valid { valid += 1 }
            }
            return Explanation.Source(indicator: plan.indicators[source].name, windows: windows, valid: valid)
        }
    }

    private func judgements(
        _ value: IndicatorValue, _ past: PastPlant, _ indicator: Int, _ reader: StoreReader
    ) throws -> [Explanation.Judgement] {
        try past.plant.objectives.enumerated().filter { $0.element.indicator == indicator }.compactMap {
            index, objective in
            var judged: JudgedWindow?
            try reader.verdicts(index, in: value.window) { if $0.window == value.window { judged = $0 } }
            guard let judged else { return nil }
            let name = try reader.name(ofObjective: past.objectives[index]) ?? objective.name
            let found = try reader.nonconformities(objective: name).first { one in
                one.windows.contains {
                    $0.start == value.window.start.milliseconds && $0.end == value.window.end.milliseconds
                }
            }
            return Explanation.Judgement(
                objective: name, title: objective.title, reference: objective.reference, verdict: judged.verdict.text,
                value: judged.value, limit: judged.limit,
                unit: objective.shownUnit(past.plant.plan.indicators[indicator], at: value.window.start),
                nonconformity: found?.id)
        }
    }

    private func revisions(_ value: IndicatorValue, _ index: Int) throws -> [Explanation.Revision] {
        var found: [Explanation.Revision] = []
        try reader.values(index, in: value.window, allRevisions: true) { one in
            guard one.window == value.window else { return }
            found.append(
                Explanation.Revision(
                    number: one.revision, value: one.value, status: one.status.text,
                    reason: try reader.reason(index, one.window, revision: one.revision)))
        }
        return found
    }

    private func proof(_ value: IndicatorValue, _ name: String, _ points: [String]) throws -> Explanation.Proof {
        let (start, end) = (value.window.start, value.window.end)
        let texts = [
            "\"indicator\":\"\(name)\",\"start\":\"\(start.text)\",\"end\":\"\(end.text)\""
        ]
        let lines = try reader.journalLines(containing: texts)
        let seals = try reader.journalLines(containing: ["\"type\":\"record.sealed\""]).filter { line in
            guard let text = try reader.journalTexts(line..<line + 1).first,
                let seal = SealedStretch(line: text, sequence: line)
            else { return false }
            return seal.stretch.overlaps(Window(start: start, end: end))
                && points.contains { seal.points[$0] != nil }
        }
        let last = (lines + seals).max()
        let head = try last.flatMap { try reader.head(covering: $0) }
        return Explanation.Proof(
            lines: lines, seals: seals,
            head: head.map { head in
                Explanation.Head(
                    number: head.number, time: head.time, size: head.size,
                    root: SignedNote(text: head.note).flatMap { Checkpoint(body: $0.body) }?.root.base64 ?? "")
            })
    }
}
