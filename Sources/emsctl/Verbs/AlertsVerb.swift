import ArgumentParser
import Foundation
import Listings
import Metering
import PlantAPI
import Programs

/// `emsctl alerts [-f]`
struct AlertsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "The alert stream.",
        discussion:
            "With -f the end of the daemon is said and ends it with status 69; what comes meanwhile is shown by "
            + "'emsctl alerts -f --since …' once the daemon runs again. --format json is then one object a line.")

    @Flag(name: [.customShort("f"), .long], help: "Goes on showing alerts as they come, one a line; from --since on.")
    var follow = false

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func validate() throws {
        if follow, stretch.until != nil { throw ValidationError("-f has no end: leave --until away") }
    }

    func run() async throws {
        if !follow {
            return try await plant.show(
                ListingQuery(.alerts, since: stretch.since, until: stretch.until), on: form)
        }
        let daemon = try plant.daemon(for: "alerts -f")
        var stream = try AlertFollower(format: form.format, terminal: form.terminal)
        let since = stretch.since.map { since in
            "?since=" + (since.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? since)
        }
        _ = try await daemon.get("/v1/events" + (since ?? "")) { try stream.take($0) }
        throw CommandError(
            .unreachable,
            "the daemon at \(daemon.socket) stopped, and no more alerts come: start it, and go on with --since")
    }
}

/// Shows the alerts of a stream of server-sent events: JSON lines, CSV, or text for people.
private struct AlertFollower {
    private let format: ListingFormat
    private let terminal: TerminalForm
    private var line: [UInt8] = []
    private var printer: ListingPrinter?

    init(format: ListingFormat, terminal: TerminalForm) throws {
        self.format = format
        self.terminal = terminal
        guard format == .csv, let calendar = SiteCalendar(identifier: "UTC") else { return }
        printer = ListingPrinter(columns: AlertRow.columns, format: .csv, calendar: calendar) {
            try StandardStreams.output($0)
        }
        try printer?.flush()
    }

    mutating func take(_ bytes: [UInt8]) throws {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            try take(line: String(decoding: line, as: UTF8.self))
            line = []
        }
    }

    private mutating func take(line: String) throws {
        let prefix = format == .table ? "text: " : "data: "
        guard line.hasPrefix(prefix) else { return }
        let text = String(line.dropFirst(prefix.count))
        switch format {
        case .table: try StandardStreams.output(lines: AlertRow.lines(text, on: terminal))
        case .json: try StandardStreams.output(Array((ShownText.json(text) + "\n").utf8))
        case .csv:
            try printer?.row(try AlertRow(line: text).fields)
            try printer?.flush()
        }
    }
}
