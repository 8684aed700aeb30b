import ConfigurationSource
import Conformity
import Connections
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import RecordKeeping
import Recording

extension LivePlant {
    /// Takes a person's step with a nonconformity and records it; returns the nonconformity as JSON.
    ///
    /// Throws a ``CommandError`` where the lifecycle refuses the step, there is no such nonconformity, or the body is
    /// wrong (65), and where the caller is who may not take it (77).
    func take(step word: String, of id: String, body: Data, by caller: Caller) throws -> String {
        guard let kind = LifecycleStep.Kind.byPeople(word) else {
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
        var asked = try step(kind, request, of: id, by: caller)
        // A year of verdicts is read, for which the recorder is not held up.
        if kind == .cause { asked.similar = try store.read { try SimilarCases(plant, at: now).found(for: id, $0) } }
        try recording.perform { [self, asked] recorder in
            var step = asked
            step.at = now.milliseconds
            try recorder.take(step, of: id, hasSingleOperator: isSingle, now: step.time)
        }
        var document: [UInt8] = []
        _ = try record().answer(ListingQuery(.nonconformities, name: id)) { document += $0 }
        return String(decoding: document, as: UTF8.self)
    }

    private func step(
        _ kind: LifecycleStep.Kind, _ request: StepRequest, of id: String, by caller: Caller
    ) throws -> LifecycleStep {
        var step = LifecycleStep(
            kind, by: caller.person, at: now, text: request.text, category: request.category, action: request.action,
            owner: request.owner, due: try request.due.map { try day($0, of: id) },
            effectiveWhen: request.effectiveWhen, evidence: request.evidence,
            isNoAction: request.noAction, isDataFault: request.dataFault)
        step.account = caller.person == caller.account ? nil : caller.account
        step.files = request.files
        step.control = request.control
        step.item = request.item
        step.code = kind == .cause ? request.code : nil
        step.isAffected = request.affected
        if let until = request.until, kind == .hold { step.instant = try time(until, "--until", of: id) }
        if let at = request.at, kind == .contain { step.instant = try time(at, "--at", of: id) }
        if let criterion = request.effectiveWhen { try checkIndicator(of: criterion, of: id) }
        if let point = request.comparable { step.comparable = try knownPoint(point, of: id) }
        if let operating = request.operating {
            guard let length = CalendarLength(operating) else {
                throw CommandError(.badInput, "\(id): '\(operating)' is no length of time: write --operating as 20h")
            }
            step.operating = length.nominalMilliseconds
        }
        return step
    }

    private func time(_ text: String, _ option: String, of id: String) throws -> Int64 {
        try naming(id) {
            try TimeBound.instant(text, option: option, now: now, calendar: plant.plan.calendar).milliseconds
        }
    }

    private func day(_ text: String, of id: String) throws -> String {
        try naming(id) { try DueDay.text(text, option: "--due", now: now, calendar: plant.plan.calendar) }
    }

    /// Says of which nonconformity something cannot be taken.
    private func naming<T>(_ id: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as CommandError {
            throw CommandError(.badInput, "\(id): \(error.message)")
        }
    }

    /// A criterion of an indicator that is not there would never be met; what is not of the form at all, the lifecycle refuses.
    private func checkIndicator(of criterion: String, of id: String) throws {
        guard let name = (try? EffectivenessCriterion(criterion))?.indicator else { return }
        let indicators = plant.plan.indicators.map(\.name)
        guard !indicators.contains(name) else { return }
        throw CommandError(
            .badInput,
            "\(id): --effective-when takes an indicator, and there is none '\(name)'"
                + NearestName.hint(for: name, among: indicators), matter: .absent)
    }

    private func knownPoint(_ name: String, of id: String) throws -> String {
        let points = plant.plan.points
        if let point = points.first(where: { $0.name == name }) {
            if point.kind != .state { return name }
            throw CommandError(
                .badInput,
                "\(id): --comparable takes a gauge or counter that says how much the plant runs, and \(name) is a state"
            )
        }
        throw CommandError(
            .badInput,
            "\(id): --comparable takes a point, and there is none '\(name)'"
                + NearestName.hint(for: name, among: points.map(\.name)), matter: .absent)
    }
}
