import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl qal3 …`
struct DriftVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qal3", abstract: "Readings of an analyser at zero and span, and their CUSUM charts (EN 14181).",
        subcommands: [DriftAddVerb.self, DriftChartVerb.self])
}

/// `emsctl qal3 add POINT`
struct DriftAddVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Enters what was read at zero and span, and says whether the analyser drifts.")

    @Argument(help: "The point, e.g. stack.nox.")
    var point: String

    @Option(parsing: .unconditional, help: "What it read at zero, in the point's unit.")
    var zero: Double

    @Option(parsing: .unconditional, help: "What it read at span.")
    var span: Double

    @Option(parsing: .unconditional, help: "What it should have read at zero (as the time before; at first 0).")
    var zeroReference: Double?

    @Option(parsing: .unconditional, help: "What it should have read at span (as the time before; at first 0).")
    var spanReference: Double?

    @Option(help: "The analyser's standard deviation s, in the point's unit (as the time before).")
    var deviation: Double?

    @Option(parsing: .unconditional, help: "When it was read (now).")
    var time: String?

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let request = DriftRequest(
            time: time, zero: zero, span: span, zeroReference: zeroReference, spanReference: spanReference,
            deviation: deviation)
        let allowed = CharacterSet.alphanumerics.union(["-", "_", "."])
        let escaped = point.addingPercentEncoding(withAllowedCharacters: allowed) ?? point
        _ = try await plant.daemon(for: "qal3 add")
            .post("/v1/points/\(escaped)/qal3", JSONEncoder().encode(request)) { try StandardStreams.output($0) }
    }
}

/// `emsctl qal3 chart [POINT]`
struct DriftChartVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chart", abstract: "The sums of precision and drift after each reading, and what they say.")

    @Argument(help: "The point; absent: all.")
    var point: String?

    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws { try await plant.manage(.drift, name: point, on: form) }
}
