import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl plot NAME…`
struct PlotVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "A chart of points, indicators or objectives, with limits, gaps and what was not met.",
        discussion:
            "Each column shows the lowest and the highest value of its time, and where nothing is known it stays empty. "
            + "Below the axis: ? uncertain, r revised, ~ still open, and bars with the numbers of nonconformities. "
            + "--output writes the same picture as a file (SVG, or PNG through rsvg-convert); a pipe gets the numbers, "
            + "of several with the name in each row.")

    @Argument(
        help: "The points (meter.point), indicators or objectives.", completion: NameKind.charts.completion)
    var names: [String]

    @Option(help: "Writes the picture to this file: .svg or .png.")
    var output: String?

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions

    @Option(help: "In numbers: csv (as in a pipe) or json; table draws.")
    var format: ListingFormat?

    @Option(help: "Colour: auto (on a terminal, unless NO_COLOR is set), always or never.")
    var color: ColorChoice = .auto

    func validate() throws {
        guard let output else { return }
        if names.count > 1 { throw ValidationError("--output takes one name: a file holds one picture") }
        guard output.hasSuffix(".svg") || output.hasSuffix(".png") else {
            throw ValidationError("--output '\(output)' must end with .svg or .png")
        }
        if format != nil { throw ValidationError("--output writes a picture: leave --format away") }
    }

    func run() async throws {
        let form = OutputTerminal.form(wide: false, color: color)
        let format = format ?? (form.width == nil && color != .always ? .csv : .table)
        if output == nil, format != .table { return try await numbers(format) }
        for name in names {
            var query = ListingQuery(.plot, name: name, since: stretch.since, until: stretch.until)
            if let output {
                query.isPicture = true
                var picture: [UInt8] = []
                try await plant.ask(query) { picture += $0 }
                try await PictureFile(path: output).write(svg: picture)
                continue
            }
            var screen = form
            if names.count > 1 { screen.height = max(10, ((screen.height ?? 24) - 1) / names.count) }
            query.terminal = screen
            try await plant.ask(query) { try StandardStreams.output($0) }
        }
    }

    /// The numbers of all names as one listing.
    private func numbers(_ format: ListingFormat) async throws {
        var listing = JoinedListing(format)
        for name in names {
            var query = ListingQuery(.plot, name: name, since: stretch.since, until: stretch.until)
            query.format = format
            query.isNamed = names.count > 1
            var answer: [UInt8] = []
            try await plant.ask(query) { answer += $0 }
            listing.append(answer)
        }
        try StandardStreams.output(listing.bytes)
    }
}
