import ArgumentParser
import Listings
import PlantAPI
import Programs

/// `emsctl status`
struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The whole plant on one screen; exit status 1 when something is not in order.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(ListingQuery(.status, format: form.format)) }
}

/// `emsctl meters [NAME] [--plan]`
struct MetersVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meters",
        abstract: "The meters: whether they answer, how fast, how often not, and how they are asked."
    )

    @Argument(help: "The meter; absent: all.")
    var name: String?

    @Flag(help: "Shows the requests of a poll instead: what each reads, what it costs, and why it is one of its own.")
    var plan = false

    @Option(help: "With --plan: reads this configuration, without a daemon and without what is known of the devices.")
    var config: String?

    @OptionGroup var quality: QualityOption
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func validate() throws {
        if config != nil, !plan { throw ValidationError("--config belongs to --plan") }
    }

    func run() async throws {
        if let config {
            return try RequestPlanListing(configuration: config, warn: StandardStreams.complain).write(
                name, format: form.format
            ) {
                try StandardStreams.output($0)
            }
        }
        var query = ListingQuery(.meters, name: name, format: form.format)
        query.plan = plan
        try await plant.show(quality.narrow(query))
    }
}

/// `emsctl points`
struct PointsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points", abstract: "The newest reading of every point.")

    @Argument(help: "The point; absent: all.")
    var point: String?

    @OptionGroup var quality: QualityOption
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(quality.narrow(ListingQuery(.points, name: point, format: form.format)))
    }
}

/// `emsctl forward`
struct ForwardVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward",
        abstract: "How far other systems have the record; exit status 1 when a target takes nothing.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(ListingQuery(.forward, format: form.format)) }
}

/// `emsctl readings POINT`
struct ReadingsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readings", abstract: "The readings of a point, with their quality.")

    @Argument(help: "The point, as meter.point.")
    var point: String

    @OptionGroup var quality: QualityOption
    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            quality.narrow(
                ListingQuery(.readings, name: point, since: stretch.since, until: stretch.until, format: form.format)))
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
            ListingQuery(
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

    @Option(help: "Only windows with this verdict (not_met, warning …); may be repeated.")
    var verdict: [String] = []

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(
            .objectives, name: name, since: stretch.since, until: stretch.until, format: form.format)
        if !verdict.isEmpty { query.filters[.verdict] = verdict }
        try await plant.show(query)
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
            ListingQuery(.ledger, name: point, since: stretch.since, until: stretch.until, format: form.format))
    }
}
