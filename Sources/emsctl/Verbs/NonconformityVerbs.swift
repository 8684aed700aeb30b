import ArgumentParser
import Conformity
import Foundation
import Metering
import PlantAPI
import Programs

/// `emsctl nc …`
struct NonconformityVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nc", abstract: "The nonconformities, and the steps that people take with them.",
        subcommands: [
            ListNonconformities.self, ShowNonconformity.self, RaiseVerb.self, KPIVerb.self, AcknowledgeVerb.self,
            ContainVerb.self, CauseVerb.self,
            ExtentVerb.self, ActionVerb.self, AmendVerb.self, DoneVerb.self, VerifyVerb.self, CloseVerb.self,
            ReopenVerb.self, RejectVerb.self, CommentVerb.self, HoldVerb.self, ResumeVerb.self, ClearVerb.self,
        ])
}

/// `emsctl nc list`
struct ListNonconformities: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All nonconformities, or some of them.")

    @Option(help: "Only those in this state (open, acknowledged …); may be repeated, as the others.")
    var state: [String] = []

    @Option(help: "Only those whose condition is this: ongoing, cleared or withdrawn.")
    var condition: [String] = []

    @Option(help: "Only those of this severity: minor, major or critical.")
    var severity: [String] = []

    @Option(help: "Only those of this objective.")
    var objective: [String] = []

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(.nonconformities, since: stretch.since, until: stretch.until, format: form.format)
        query.filters = [.state: state, .condition: condition, .severity: severity, .objective: objective]
            .filter { !$0.value.isEmpty }
        try await plant.show(query, on: form)
    }
}

/// `emsctl nc show ID`
struct ShowNonconformity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One nonconformity: what was required, what was measured, what was done.")

    @Argument(help: "Its number, e.g. NC-2026-0003.", completion: NameKind.nonconformities.completion)
    var id: String

    @Flag(help: "Each window and point, not only the first, the worst and the last ones.")
    var all = false

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(.nonconformities, name: id, format: form.format)
        query.showsAll = all
        try await plant.show(query, on: form)
    }
}

/// What every step has: which nonconformities, and what is said.
struct StepArguments: ParsableArguments {
    @Argument(
        help: "The numbers, e.g. NC-2026-0003; the step is taken with each.",
        completion: NameKind.nonconformities.completion)
    var ids: [String]

    @Option(name: [.customLong("text"), .customLong("reason")], help: "What is said with the step.")
    var text: String = ""

    @Option(help: "A file of evidence, kept by its name and SHA-256; may be repeated.")
    var evidence: [String] = []

    @OptionGroup var plant: PlantOptions

    /// What is said with the step, and what else it brings.
    func request(_ change: (inout StepRequest) -> Void = { _ in }) throws -> StepRequest {
        var request = StepRequest(text: text)
        if !evidence.isEmpty {
            request.evidence = try evidence.map { try EvidenceFile.digest(of: $0) }
            request.files = evidence.map(EvidenceFile.name)
        }
        change(&request)
        return request
    }

    /// Takes the step as the present user with one nonconformity after the other, says each, and ends with the worst status.
    func take(_ step: LifecycleStep.Kind, _ request: StepRequest) async throws {
        let daemon = try plant.daemon(for: "nc \(step.rawValue)")
        let body = try JSONEncoder().encode(request)
        var worst = ExitStatus.done
        for id in ids {
            let escaped = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-"])) ?? id
            var answer: [UInt8] = []
            do {
                _ = try await daemon.post("/v1/nonconformities/\(escaped)/\(step.rawValue)", body) { answer += $0 }
            } catch let commandError as CommandError where commandError.status != .unreachable {
                StandardStreams.complain("emsctl: \(commandError.message)")
                if commandError.status.rawValue > worst.rawValue { worst = commandError.status }
                continue
            }
            let state = try? JSONDecoder().decode(StateOfOne.self, from: Data(answer)).state
            try StandardStreams.output(lines: [ShownText("\(id): \(step.rawValue) taken, now \(state ?? "unknown")")])
        }
        if worst != .done { throw ExitCode(worst.rawValue) }
    }
}

/// What is shown of the daemon's answer to a step.
private struct StateOfOne: Decodable {
    var state: String
}
