import ArgumentParser
import Supervision

/// `emsctl status`
struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The whole plant on one screen; exit status 1 when something is not in order.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(Inquiry(.status, format: form.format)) }
}

/// `emsctl meters`
struct MetersVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meters", abstract: "The meters: whether they answer, how fast, how often not.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(Inquiry(.meters, format: form.format)) }
}

/// `emsctl points`
struct PointsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points", abstract: "The newest reading of every point.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(Inquiry(.points, format: form.format)) }
}

/// `emsctl readings POINT`
struct ReadingsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readings", abstract: "The readings of a point, with their quality.")

    @Argument(help: "The point, as meter.point.")
    var point: String

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            Inquiry(.readings, name: point, since: stretch.since, until: stretch.until, format: form.format))
    }
}

/// `emsctl indicators [NAME]`
struct IndicatorsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators", abstract: "The values of an indicator, or of all, window by window.")

    @Argument(help: "The indicator; absent: all.")
    var name: String?

    @Flag(help: "Also windows that are not closed yet.")
    var provisional = false

    @Flag(help: "All revisions, not only the final ones.")
    var revisions = false

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            Inquiry(
                .indicators, name: name, since: stretch.since, until: stretch.until, provisional: provisional,
                revisions: revisions, format: form.format))
    }
}

/// `emsctl objectives [NAME]`
struct ObjectivesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objectives", abstract: "The verdicts of an objective, or of all, window by window.")

    @Argument(help: "The objective; absent: all.")
    var name: String?

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            Inquiry(.objectives, name: name, since: stretch.since, until: stretch.until, format: form.format))
    }
}

/// `emsctl ledger [POINT]`
struct LedgerVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "What the counter rules decided: rollovers, resets, exchanges, glitches.")

    @Argument(help: "The point; absent: all counters.")
    var point: String?

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            Inquiry(.ledger, name: point, since: stretch.since, until: stretch.until, format: form.format))
    }
}
