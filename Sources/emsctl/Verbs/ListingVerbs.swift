import ArgumentParser
import Listings
import PlantAPI
import Programs

/// `emsctl status`
struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The whole plant on one screen; exit status 1 when something is not in order.",
        discussion:
            "The first line says whether all is well. Below stands what is wrong, the worst first (!! and ! need "
            + "somebody now, ~ waits for people), with since when, by how much, and the next command.")

    @Flag(help: "All that is wrong, also what the screen has no room for.")
    var all = false

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(.status)
        query.showsAll = all
        try await plant.show(query, on: form)
    }
}

/// `emsctl meters [NAME] [--plan]`
struct MetersVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meters",
        abstract: "The meters: whether they answer, how fast, how often not, and how they are asked."
    )

    @Argument(help: "The meter; absent: all.", completion: NameKind.meters.completion)
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
        try await plant.show(quality.narrow(query), on: form)
    }
}

/// `emsctl points`
struct PointsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points", abstract: "The newest reading of every point.")

    @Argument(help: "The point; absent: all.", completion: NameKind.points.completion)
    var point: String?

    @OptionGroup var quality: QualityOption
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(quality.narrow(ListingQuery(.points, name: point)), on: form)
    }
}

/// `emsctl forward`
struct ForwardVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward",
        abstract: "How far other systems have the record; exit status 1 when a target takes nothing.")

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.show(ListingQuery(.forward), on: form) }
}

/// `emsctl readings POINT`
struct ReadingsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readings",
        abstract: "The readings of a point, with their quality; or all that is kept with a nonconformity.")

    @Argument(
        help: "The point, as meter.point, or the number of a nonconformity.", completion: NameKind.points.completion)
    var point: String

    @OptionGroup var quality: QualityOption
    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            quality.narrow(
                ListingQuery(.readings, name: point, since: stretch.since, until: stretch.until)), on: form)
    }
}

/// `emsctl indicators [NAME]`
struct IndicatorsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators", abstract: "The values of an indicator, or of all, window by window.")

    @Argument(help: "The indicator; absent: all.", completion: NameKind.indicators.completion)
    var name: String?

    @Flag(help: "Also windows that are not closed yet; of rolling ones a table has the one that closes next.")
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
                revisions: revisions), on: form)
    }
}

/// `emsctl objectives [NAME]`
struct ObjectivesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objectives", abstract: "The verdicts of an objective, or of all, window by window.")

    @Argument(help: "The objective; absent: all.", completion: NameKind.objectives.completion)
    var name: String?

    @Flag(help: "Also open windows: the value so far, what it comes to at this rate, and what the rest may have.")
    var provisional = false

    @Option(help: "Only windows with this verdict (not_met, warning …); may be repeated.")
    var verdict: [String] = []

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(
            .objectives, name: name, since: stretch.since, until: stretch.until, provisional: provisional,
            format: form.format)
        if !verdict.isEmpty { query.filters[.verdict] = verdict }
        try await plant.show(query, on: form)
    }
}

/// `emsctl ledger [POINT]`
struct LedgerVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "What the counter rules decided: rollovers, resets, exchanges, glitches.")

    @Argument(help: "The point; absent: all counters.", completion: NameKind.points.completion)
    var point: String?

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(
            ListingQuery(.ledger, name: point, since: stretch.since, until: stretch.until), on: form)
    }
}
