import ArgumentParser
import Conformity
import PlantAPI

extension LifecycleStep.Category: ExpressibleByArgument {}
extension CauseCode: ExpressibleByArgument {}

/// `emsctl nc ack ID`
struct AcknowledgeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledges: --text says what was done at once, or why nothing was.")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.acknowledge, step.request()) }
}

/// `emsctl nc contain ID`
struct ContainVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contain",
        abstract: "Says at any time how the damage was limited (--text) and since when; it changes no state.")

    @OptionGroup var step: StepArguments

    @Option(parsing: .unconditional, help: "Since when, written like --since; absent: now.")
    var at: String?

    func run() async throws { try await step.take(.contain, step.request { $0.at = at }) }
}

/// `emsctl nc clear ID`
struct ClearVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Says how something ended that a person raised: no measurement tells it.")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.clear, step.request()) }
}

/// `emsctl nc cause ID`
struct CauseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cause",
        abstract: "Says what the cause was (--text); what else is like it is listed, to be looked at with 'nc extent'.")

    @OptionGroup var step: StepArguments

    @Option(help: "equipment, process, procedure, people, material, measurement or external.")
    var category: LifecycleStep.Category

    @Option(help: "By what authorities' forms count it, such as 'report --form us-60.7d'.")
    var code: CauseCode?

    func run() async throws {
        try await step.take(.cause, step.request { ($0.category, $0.code) = (category, code) })
    }
}

/// `emsctl nc extent ID`
struct ExtentVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extent", abstract: "Ticks a similar case off: --text says what was found there.")

    @OptionGroup var step: StepArguments

    @Option(name: .customLong("case"), help: "The number of the case in 'nc show', from 1.")
    var item: Int

    @Flag(help: "The cause was found there too.")
    var affected = false

    func run() async throws {
        try await step.take(
            .extent,
            step.request {
                $0.item = item
                $0.affected = affected
            })
    }
}

/// `emsctl nc action ID`
struct ActionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "action",
        abstract: "Plans an action (--text, --owner, --due), or says why none is needed (--none --reason).")

    @OptionGroup var step: StepArguments

    @Option(help: "Who does it.")
    var owner: String?

    @Option(help: "By which day: 2026-12-31, or +14d for two weeks from today.")
    var due: String?

    @Option(help: "When it has worked: '<indicator> <= <limit> for <n> windows'.")
    var effectiveWhen: String?

    @Option(
        help:
            "The point whose mean says how the plant ran: only windows count in which it was within that of the onset.")
    var comparable: String?

    @Option(help: "The least time of such operation, e.g. 20h.")
    var operating: String?

    @Option(help: "The control that works otherwise from then on; the third within a year needs one.")
    var control: String?

    @Flag(help: "No action is needed; say why with --reason.")
    var none = false

    func run() async throws {
        try await step.take(
            .action,
            step.request {
                ($0.owner, $0.due, $0.effectiveWhen) = (owner, due, effectiveWhen)
                ($0.comparable, $0.operating, $0.control) = (comparable, operating, control)
                $0.noAction = none ? true : nil
            })
    }
}

/// `emsctl nc amend ID`
struct AmendVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amend", abstract: "Gives a planned action another owner or day, and says why (--text).")

    @OptionGroup var step: StepArguments

    @Option(help: "The number of the action, from 1.")
    var action: Int

    @Option(help: "Who does it from now on.")
    var owner: String?

    @Option(help: "By which day: 2026-12-31, or +14d for two weeks from today.")
    var due: String?

    func run() async throws {
        try await step.take(.amend, step.request { ($0.action, $0.owner, $0.due) = (action, owner, due) })
    }
}

/// `emsctl nc done ID`
struct DoneVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "done", abstract: "Says that an action was done, and what was done (--text).")

    @OptionGroup var step: StepArguments

    @Option(help: "The number of the action, from 1.")
    var action: Int

    func run() async throws { try await step.take(.done, step.request { $0.action = action }) }
}

/// `emsctl nc verify ID`
struct VerifyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Confirms that the criterion of effectiveness is met; --text says how it shows.")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.verify, step.request()) }
}

/// `emsctl nc close ID`
struct CloseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes, by another person than who did the action.")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.close, step.request()) }
}

/// `emsctl nc reopen ID`
struct ReopenVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Says that the action did not hold, and how that shows (--text).")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.reopen, step.request()) }
}

/// `emsctl nc hold ID`
struct HoldVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Silences reminders for a reason (--reason) until a day; deadlines stay what they are.")

    @OptionGroup var step: StepArguments

    @Option(parsing: .unconditional, help: "Until when: 2026-12-24 (its beginning) or an instant.")
    var until: String?

    func run() async throws { try await step.take(.hold, step.request { $0.until = until }) }
}

/// `emsctl nc resume ID`
struct ResumeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends a hold before its end, and says why (--text).")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.resume, step.request()) }
}

/// `emsctl nc reject ID`
struct RejectVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Rejects: it was none, and why (--reason).")

    @OptionGroup var step: StepArguments

    @Flag(help: "The data were at fault: a data nonconformity is opened instead.")
    var dataFault = false

    func run() async throws { try await step.take(.reject, step.request { $0.dataFault = dataFault ? true : nil }) }
}

/// `emsctl nc comment ID`
struct CommentVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "comment", abstract: "Adds a remark (--text).")

    @OptionGroup var step: StepArguments

    func run() async throws { try await step.take(.comment, step.request()) }
}
