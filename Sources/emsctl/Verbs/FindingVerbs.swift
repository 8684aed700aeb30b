import ArgumentParser
import Conformity
import Foundation
import Metering
import PlantAPI
import Programs

extension RaisedFinding.Source: ExpressibleByArgument {}

/// `emsctl nc raise`
struct RaiseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise",
        abstract:
            "Raises what a person found as a nonconformity: an audit finding, a complaint, a spill, a laboratory's figure."
    )

    @Option(help: "What is wrong, in one line; absent: the title of the objective.")
    var title: String?

    @Option(help: "The objective that it is about.")
    var objective: String?

    @Option(help: "Where it comes from: audit, complaint, spill, laboratory, inspection or other.")
    var source: RaisedFinding.Source = .other

    @Option(help: "minor, major or critical; absent: that of the objective, or minor.")
    var severity: String?

    @Option(help: "The requirement that was not kept.")
    var reference: String?

    @Option(help: "Who answers for it.")
    var responsible: String?

    @Option(help: "Where it is, as the meters' 'area' names it.")
    var area: String?

    @Option(parsing: .unconditional, help: "Since when, e.g. 2026-11-01T06:00:00Z or -2h; absent: now.")
    var since: String?

    @Option(parsing: .unconditional, help: "When it ended, where that was before now.")
    var until: String?

    @Flag(help: "It lasts, until 'nc clear' says that it ended.")
    var ongoing = false

    @Option(help: "What was found.")
    var text: String = ""

    @Option(help: "A file of evidence, kept by its name and SHA-256; may be repeated.")
    var evidence: [String] = []

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        let daemon = try plant.daemon(for: "nc raise")
        var request = RaiseRequest(text: text)
        (request.title, request.objective, request.source) = (title, objective, source)
        (request.severity, request.reference, request.responsible) = (severity, reference, responsible)
        (request.area, request.ongoing, request.since, request.until) = (area, ongoing, since, until)
        if !evidence.isEmpty {
            request.evidence = try evidence.map { try EvidenceFile.digest(of: $0) }
            request.files = evidence.map(EvidenceFile.name)
        }
        var answer: [UInt8] = []
        _ = try await daemon.post("/v1/nonconformities", JSONEncoder().encode(request)) { answer += $0 }
        let raised = try? JSONDecoder().decode(Raised.self, from: Data(answer))
        try StandardStreams.output(lines: [ShownText("\(raised?.id ?? "?"): raised, now \(raised?.state ?? "unknown")")]
        )
    }
}

/// What is shown of the daemon's answer.
private struct Raised: Decodable {
    var id: String
    var state: String
}

/// `emsctl nc kpi`
struct KPIVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kpi",
        abstract:
            "Figures for the review: raised, closed, overdue, median days per step, reopened and effective share.",
        discussion:
            "In all, and by cause, code, area and objective; with --since and --until those raised, and the steps taken, in between."
    )

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        try await plant.show(ListingQuery(.kpi, since: stretch.since, until: stretch.until), on: form)
    }
}
