import ConfigurationSource
import Conformity
import Connections
import Foundation
import Metering
import PlantAPI
import PlantConfiguration
import Recording

extension LivePlant {
    /// Raises what a person found as a nonconformity with the same life as any other; returns it as JSON.
    ///
    /// Throws a ``CommandError`` (65) where something is missing or wrong.
    func raise(body: Data, by caller: Caller) throws -> String {
        let request: RaiseRequest
        do {
            request = try JSONDecoder().decode(RaiseRequest.self, from: body)
        } catch {
            throw CommandError(
                .badInput,
                "what is raised is a JSON object with \"title\" or \"objective\", \"text\" and \"source\": "
                    + RaisedFinding.Source.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let finding = try finding(request)
        let severity = try severity(request)
        let onset = try request.since.map(onset)
        let end = try request.until.map { try self.end($0, after: onset, request) }
        let id = try recording.perform { [self] recorder in
            let now = now
            var step = LifecycleStep(
                .raise, by: caller.person, at: now, text: request.text, evidence: request.evidence)
            step.account = caller.person == caller.account ? nil : caller.account
            step.files = request.files
            return try recorder.raise(
                finding, severity, since: onset, until: request.ongoing == true ? nil : end ?? now, step, now: now)
        }
        var document: [UInt8] = []
        _ = try record().answer(ListingQuery(.nonconformities, name: id)) { document += $0 }
        return String(decoding: document, as: UTF8.self)
    }

    private func objective(_ request: RaiseRequest) throws -> ObjectiveDefinition? {
        guard let name = request.objective else { return nil }
        if let known = plant.objectives.first(where: { $0.name == name }) { return known }
        throw CommandError(
            .badInput,
            "there is no objective '\(name)'" + NearestName.hint(for: name, among: plant.objectives.map(\.name)),
            matter: .absent)
    }

    private func finding(_ request: RaiseRequest) throws -> RaisedFinding {
        let objective = try objective(request)
        guard let title = request.title ?? objective.map({ $0.title ?? $0.name }), !title.allSatisfy(\.isWhitespace)
        else {
            throw CommandError(.badInput, "what is raised needs a --title, or the --objective that it is about")
        }
        guard !request.text.allSatisfy(\.isWhitespace) else {
            throw CommandError(.badInput, "what is raised must say what was found (--text)")
        }
        if let area = request.area {
            let areas = Set(plant.meters.compactMap(\.area)).sorted()
            guard areas.contains(area) else {
                throw CommandError(
                    .badInput, "no meter is in an area '\(area)'" + NearestName.hint(for: area, among: areas),
                    matter: .absent)
            }
        }
        return RaisedFinding(
            title: title, source: request.source ?? .other, objective: objective?.name,
            reference: request.reference ?? objective?.reference,
            responsible: request.responsible ?? objective?.responsible, area: request.area)
    }

    private func severity(_ request: RaiseRequest) throws -> Severity {
        guard let word = request.severity else { return try objective(request)?.severity ?? .minor }
        if let severity = Severity(rawValue: word) { return severity }
        throw CommandError(.badInput, "'\(word)' is no severity: minor, major or critical")
    }

    private func end(_ text: String, after onset: Instant?, _ request: RaiseRequest) throws -> Instant {
        if request.ongoing == true {
            throw CommandError(.badInput, "what is --ongoing has no --until: 'nc clear' says when it ended")
        }
        let end = try time(text, "--until")
        guard let onset, onset < end, end <= now else {
            throw CommandError(.badInput, "--until \(end.text) must be after --since, and not still to come")
        }
        return end
    }

    private func time(_ text: String, _ option: String) throws -> Instant {
        do {
            return try TimeBound.instant(text, option: option, now: now, calendar: plant.plan.calendar)
        } catch let error as CommandError {
            throw CommandError(.badInput, error.message)
        }
    }

    private func onset(_ text: String) throws -> Instant {
        let since = try time(text, "--since")
        guard since < now else { throw CommandError(.badInput, "--since \(since.text) is not over yet") }
        return since
    }
}
