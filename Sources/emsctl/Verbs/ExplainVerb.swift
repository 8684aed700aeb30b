import ArgumentParser
import Foundation
import Metering
import PlantAPI
import Platform
import Programs
import RecordKeeping
import Recording
import Storage
import Verification

/// `emsctl explain`
struct ExplainVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Takes one number apart: verdict, value, formula with its parts, readings, registers, rules and proof.")

    @Argument(help: "An indicator, or the number of a nonconformity: its peak is explained.")
    var subject: String

    @Option(
        parsing: .unconditional,
        help:
            "An instant in the window: 2026-11-01T06:00:00Z, 2026-11-01 (local midnight), -24h; default: the last one.")
    var at: String?

    @Option(help: "text (for people) or json.")
    var format = ExplanationFormat.text

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        if let database = plant.database {
            let store = try PlantStore(directory: database, access: .readOnly)
            let summary = try store.read { try PlantSummary(from: $0, path: store.path) }
            guard let calendar = SiteCalendar(identifier: summary.timezone) else {
                throw CommandError(.inputOutput, "this machine does not know the zone \(summary.timezone)")
            }
            let now = Instant(milliseconds: WallClock.milliseconds())
            let text = try ExplanationQuery(subject: subject, at: at, format: format)
                .answer(store, calendar: calendar, now: now)
            return try StandardStreams.output(Array(text.utf8))
        }
        func escaped(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
        }
        let items = [("format", format.rawValue)] + (at.map { [("at", $0)] } ?? [])
        let query = items.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&")
        _ = try await plant.daemon(for: "explain").get("/v1/explain/\(escaped(subject))?\(query)") {
            try StandardStreams.output($0)
        }
    }
}

extension ExplanationFormat: ExpressibleByArgument {
    /// The form of a word; `table`, which is the form for people everywhere else, is the text.
    public init?(argument: String) { self.init(rawValue: argument == "table" ? "text" : argument) }
}
