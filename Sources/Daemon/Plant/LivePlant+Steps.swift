import Conformity
import Foundation
import PlantAPI

extension LivePlant {
    /// Takes a person's step with a nonconformity and records it; returns the nonconformity as JSON.
    ///
    /// Throws a ``CommandError`` (65) where the lifecycle refuses the step, there is no such nonconformity, or the body is
    /// wrong.
    func take(step word: String, of id: String, body: Data, by caller: Caller) throws -> String {
        guard let kind = LifecycleStep.Kind(rawValue: word), LifecycleStep.Kind.byPeople.contains(kind)
        else {
            let words = LifecycleStep.Kind.byPeople.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.badInput, "there is no step '\(word)': the steps are \(words)", matter: .absent)
        }
        let request: StepRequest
        do {
            request = try JSONDecoder().decode(StepRequest.self, from: body)
        } catch {
            throw CommandError(
                .badInput, "the step's document cannot be read: it is a JSON object with at least \"text\"")
        }
        let isSingle = operators.count == 1
        try recording.perform { [self] recorder in
            let now = now
            var step = LifecycleStep(
                kind, by: caller.person, at: now, text: request.text, category: request.category,
                action: request.action,
                owner: request.owner, due: request.due, effectiveWhen: request.effectiveWhen,
                evidence: request.evidence, isNoAction: request.noAction, isDataFault: request.dataFault)
            step.account = caller.person == caller.account ? nil : caller.account
            try recorder.take(step, of: id, hasSingleOperator: isSingle, now: now)
        }
        var document: [UInt8] = []
        _ = try record().answer(ListingQuery(.nonconformities, name: id)) { document += $0 }
        return String(decoding: document, as: UTF8.self)
    }
}
