import Conformity
import Foundation
import Indicators
import Metering
import Storage

extension LivePlant {
    /// Takes a person's step with a nonconformity and records it; returns the nonconformity as JSON.
    ///
    /// Throws a ``Complaint`` (65) where the lifecycle refuses the step, there is no such nonconformity, or the body is
    /// wrong.
    func take(step word: String, of id: String, body: Data, by user: String) throws -> String {
        guard let kind = LifecycleStep.Kind(rawValue: word), kind != .reopen else {
            let words = LifecycleStep.Kind.allCases.filter { $0 != .reopen }.map(\.rawValue).joined(separator: ", ")
            throw Complaint(.badInput, "there is no step '\(word)': the steps are \(words)")
        }
        let request: StepRequest
        do {
            request = try JSONDecoder().decode(StepRequest.self, from: body)
        } catch {
            throw Complaint(.badInput, "the step's document cannot be read: it is a JSON object with at least \"text\"")
        }
        let isSingle = operators.count == 1
        let store = store
        try recording.perform { recorder in
            let now = WallClock.now()
            var taken = try store.read { reader in
                try StepTaking(id, reader, hasSingleOperator: isSingle)
            }
            let step = try taken.take(
                LifecycleStep(
                    kind, by: user, at: now, text: request.text, category: request.category, action: request.action,
                    owner: request.owner, due: request.due, effectiveWhen: request.effectiveWhen,
                    evidence: request.evidence, isDataFault: request.dataFault), store)
            let details = String(decoding: try JSONEncoder.sorted.encode(step), as: UTF8.self)
            let found = taken.nonconformity
            try recorder.note(taken.entry(of: step), taken.alert(of: step, names: store.names), now: now) { writer in
                try writer.put(found)
                _ = try writer.append(
                    LifecycleRecord(nonconformity: id, time: now, who: user, step: word, details: details))
            }
        }
        var document: [UInt8] = []
        _ = try record().answer(Inquiry(.nonconformities, name: id)) { document += $0 }
        return String(decoding: document, as: UTF8.self)
    }
}

extension JSONEncoder {
    /// Writes the same object in the same bytes every time.
    fileprivate static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// A nonconformity while somebody takes a step with it.
private struct StepTaking {
    var nonconformity: Nonconformity
    private var lifecycle: NonconformityLifecycle

    init(_ id: String, _ reader: StoreReader, hasSingleOperator: Bool) throws {
        guard let found = try reader.nonconformity(id) else {
            throw Complaint(.badInput, "there is no nonconformity '\(id)': emsctl nc list shows them")
        }
        nonconformity = found
        let steps = try reader.steps(of: id).map {
            try JSONDecoder().decode(LifecycleStep.self, from: Data($0.details.utf8))
        }
        lifecycle = NonconformityLifecycle(id: id, steps: steps, hasSingleOperator: hasSingleOperator)
    }

    mutating func take(_ step: LifecycleStep, _ store: PlantStore) throws -> LifecycleStep {
        do {
            let taken = try lifecycle.take(step, effect: try effects(store))
            nonconformity.state = lifecycle.state.rawValue
            return taken
        } catch let refusal as LifecycleRefusal {
            throw Complaint(.badInput, refusal.description)
        }
    }

    private func effects(_ store: PlantStore) throws -> [String: Effectiveness] {
        guard let since = lifecycle.watchedSince else { return [:] }
        var effects: [String: Effectiveness] = [:]
        for text in lifecycle.watchedCriteria {
            guard let criterion = try? EffectivenessCriterion(text),
                let index = store.names.indicators.firstIndex(where: { $0.name == criterion.indicator })
            else { continue }
            var values: [IndicatorValue] = []
            try store.read { reader in
                try reader.values(index, in: Window(start: since, end: .distantFuture)) { values.append($0) }
            }
            effects[text] = criterion.finding(in: values, since: since)
        }
        return effects
    }

    func entry(of step: LifecycleStep) -> JournalEntry {
        JournalEntry(
            "nc.\(step.kind.rawValue)", at: step.time,
            [
                .init("id", .text(nonconformity.id)), .init("by", .text(step.by)), .init("text", .text(step.text)),
                .init("state", .text(nonconformity.state)), .init("category", .text(step.category?.rawValue)),
                .init("action", step.action.map { .integer($0) } ?? .null), .init("owner", .text(step.owner)),
                .init("due", .text(step.due)), .init("effective_when", .text(step.effectiveWhen)),
                .init("evidence", .list((step.evidence ?? []).map { .text($0) })),
            ])
    }

    func alert(of step: LifecycleStep, names: StoreNames) -> RecordedAlert {
        let objective = names.objectives.first { $0.name == nonconformity.objective }
        let subject = AlertLine.Subject(
            id: nonconformity.id, objective: nonconformity.objective, title: objective?.title,
            indicator: objective?.indicator ?? "",
            window: Window(start: nonconformity.onset, end: nonconformity.clearedAt ?? nonconformity.raisedAt),
            value: nonconformity.peak, limit: nonconformity.limit, unit: nonconformity.unit)
        let said = step.text.isEmpty ? "" : ": \(step.text)"
        return RecordedAlert(
            .nonconformity(step.kind), .info, subject: subject, details: [.init("by", .text(step.by))],
            message: "\(step.kind.rawValue) by \(step.by)\(said)")
    }
}
