import ArgumentParser
import Conformity
import Foundation
import Supervision

/// `emsctl nc …`
struct NonconformityVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nc", abstract: "The nonconformities, and the steps that people take with them.",
        subcommands: [
            ListNonconformities.self, ShowNonconformity.self, AcknowledgeVerb.self, CauseVerb.self, ActionVerb.self,
            DoneVerb.self, VerifyVerb.self, CloseVerb.self, RejectVerb.self, CommentVerb.self,
        ])
}

/// `emsctl nc list`
struct ListNonconformities: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All nonconformities.")

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            Inquiry(.nonconformities, since: stretch.since, until: stretch.until, format: form.format))
    }
}

/// `emsctl nc show ID`
struct ShowNonconformity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One nonconformity: what was required, what was measured, what was done.")

    @Argument(help: "Its number, e.g. NC-2026-0003.")
    var id: String

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(Inquiry(.nonconformities, name: id, format: form.format)) }
}

/// What every step has: which nonconformity, and what is said.
struct StepArguments: ParsableArguments {
    @Argument(help: "The number, e.g. NC-2026-0003.")
    var id: String

    @OptionGroup var plant: PlantOptions

    /// Takes the step as the present user.
    func take(_ step: LifecycleStep.Kind, _ request: StepRequest) async throws {
        let daemon = try plant.daemon(for: "nc \(step.rawValue)")
        let escaped = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-"])) ?? id
        _ = try await daemon.post("/v1/nonconformities/\(escaped)/\(step.rawValue)", JSONEncoder().encode(request)) {
            _ in
        }
    }
}
