import ArgumentParser
import Conformity
import PlantAPI

extension LifecycleStep.Category: ExpressibleByArgument {}

/// `emsctl nc ack ID`
struct AcknowledgeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledges: what was done at once, or why nothing was.")

    @OptionGroup var step: StepArguments

    @Option(help: "The immediate action, or why there is none.")
    var text: String

    func run() async throws { try await step.take(.acknowledge, StepRequest(text: text)) }
}

/// `emsctl nc cause ID`
struct CauseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cause", abstract: "Says what the cause was.")

    @OptionGroup var step: StepArguments

    @Option(help: "equipment, process, procedure, people, material, measurement or external.")
    var category: LifecycleStep.Category

    @Option(help: "The cause.")
    var text: String

    func run() async throws { try await step.take(.cause, StepRequest(text: text, category: category)) }
}

/// `emsctl nc action ID`
struct ActionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "action", abstract: "Plans an action, or says why none is needed.")

    @OptionGroup var step: StepArguments

    @Option(help: "What will be done, or with --none why no action is needed.")
    var text: String?

    @Option(help: "Who does it.")
    var owner: String?

    @Option(help: "By which day, e.g. 2026-12-01.")
    var due: String?

    @Option(help: "When it has worked: '<indicator> <= <limit> for <n> windows'.")
    var effectiveWhen: String?

    @Flag(help: "No action is needed; say why with --text.")
    var none = false

    /// An older word for --text.
    @Option(help: .hidden)
    var reason: String?

    func validate() throws {
        if none {
            guard (reason == nil) != (text == nil) else {
                throw ValidationError("--none needs --text: why none is needed")
            }
        } else {
            guard text != nil, owner != nil, due != nil else {
                throw ValidationError("an action needs --text, --owner and --due; or --none with --text")
            }
        }
    }

    func run() async throws {
        try await step.take(
            .action,
            StepRequest(
                text: text ?? reason ?? "", owner: owner, due: due, effectiveWhen: effectiveWhen,
                noAction: none ? true : nil))
    }
}

/// `emsctl nc done ID`
struct DoneVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "done", abstract: "Says that an action was done.")

    @OptionGroup var step: StepArguments

    @Option(help: "The number of the action, from 1.")
    var action: Int

    @Option(help: "What was done.")
    var text: String

    @Option(help: "A file of evidence, kept by its SHA-256; may be repeated.")
    var evidence: [String] = []

    func run() async throws {
        let digests = try evidence.map { try EvidenceFile.digest(of: $0) }
        try await step.take(
            .done, StepRequest(text: text, action: action, evidence: digests.isEmpty ? nil : digests))
    }
}

/// `emsctl nc verify ID`
struct VerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Confirms that the criterion of effectiveness is met.")

    @OptionGroup var step: StepArguments

    @Option(help: "What was looked at.")
    var text: String = ""

    func run() async throws { try await step.take(.verify, StepRequest(text: text)) }
}

/// `emsctl nc close ID`
struct CloseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes, by another person than who did the action.")

    @OptionGroup var step: StepArguments

    @Option(help: "A closing remark.")
    var text: String = ""

    func run() async throws { try await step.take(.close, StepRequest(text: text)) }
}

/// `emsctl nc reject ID`
struct RejectVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Rejects: it was none, and why.")

    @OptionGroup var step: StepArguments

    @Option(help: "Why it is none.")
    var text: String?

    /// An older word for --text.
    @Option(help: .hidden)
    var reason: String?

    @Flag(help: "The data were at fault: a data nonconformity is opened instead.")
    var dataFault = false

    func validate() throws {
        guard (reason == nil) != (text == nil) else {
            throw ValidationError("a rejection needs --text: why it is none")
        }
    }

    func run() async throws {
        try await step.take(.reject, StepRequest(text: text ?? reason ?? "", dataFault: dataFault ? true : nil))
    }
}

/// `emsctl nc comment ID`
struct CommentVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "comment", abstract: "Adds a remark.")

    @OptionGroup var step: StepArguments

    @Option(help: "The remark.")
    var text: String

    func run() async throws { try await step.take(.comment, StepRequest(text: text)) }
}
