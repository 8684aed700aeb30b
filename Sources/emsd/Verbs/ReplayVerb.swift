import ArgumentParser
import Daemon
import Listings
import Platform
import Programs

/// `emsd replay`
struct ReplayVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs recorded readings through the rules into a database like the daemon's.")

    @Option(help: "The configuration.")
    var config = "/etc/emsd/emsd.yaml"

    @Option(
        parsing: .upToNextOption,
        help: """
            CSV files with the columns time,point,value,quality, gzip'd or not; the last row ends with a line break.
            """)
    var readings: [String]

    @Option(help: "The directory of the database; made where it is missing.")
    var database: String

    @Flag(help: "Writes the alert files into the database's directory, and not where the configuration says.")
    var alertsHere = false

    @Option(
        help: """
            Up to when the files reach, so that the windows until there close: 2026-11-01T06:00:00Z, 2026-11-01 (local \
            midnight); without it, to the last reading.
            """)
    var until: String?

    @Flag(
        help: """
            Says rows that cannot be read instead of stopping at the first; where point and time can be read they are bad \
            readings (unreadable).
            """)
    var skipBadRows = false

    @Flag(help: "Shows the summary as JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Adds detail to errors.")
    var verbose = false

    func run() async throws {
        let begin = MonotonicMoment.now
        let replay = ReplayRun(
            configuration: config, readings: readings, database: database, alertsHere: alertsHere,
            skipsBadRows: skipBadRows, until: until)
        let progress = ProgressLine("replay")
        defer { progress.clear() }
        let summary = try replay.run {
            progress.clear()
            StandardStreams.complain($0)
        } progress: {
            progress.show($0, "readings", share: $1)
        }
        progress.clear()
        let spent = begin.duration(to: .now)
        let (whole, attoseconds) = spent.components
        let seconds = Double(whole * 1000 + attoseconds / 1_000_000_000_000_000) / 1000
        let fields: [(String, ListingValue)] = [
            ("readings", .count(summary.readings)), ("windows", .count(summary.windows)),
            ("judged", .count(summary.judged)), ("nonconformities", .count(summary.nonconformities)),
            ("alerts", .count(summary.alerts)), ("seconds", .number(seconds)),
        ]
        let text =
            json
            ? ListingPrinter.object(fields)
            : "\(summary.readings) readings, \(summary.windows) windows, \(summary.judged) judged, "
                + "\(summary.nonconformities) nonconformities, \(summary.alerts) alerts in \(ListingText.rounded(seconds)) s"
        try StandardStreams.output(Array((text + "\n").utf8))
    }
}
