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
            + "--output writes the same picture as a file (SVG, or PNG through rsvg-convert); a pipe gets the numbers.")

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
        for name in names {
            var query = ListingQuery(.plot, name: name, since: stretch.since, until: stretch.until)
            if let output {
                query.isPicture = true
                var picture: [UInt8] = []
                try await plant.ask(query) { picture += $0 }
                try await PictureFile(path: output).write(svg: picture)
                continue
            }
            var screen = OutputTerminal.form(wide: false, color: color)
            query.format = format ?? (screen.width == nil && color != .always ? .csv : .table)
            if names.count > 1 { screen.height = max(10, ((screen.height ?? 24) - 1) / names.count) }
            query.terminal = screen
            try await plant.ask(query) { try StandardStreams.output($0) }
        }
    }
}
