import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// What names there are in the running daemon, for completion of command lines.
enum NameKind: String, CaseIterable, ExpressibleByArgument {
    case meters, points, indicators, objectives, nonconformities, charts, links

    /// How a shell asks for them; a daemon that does not answer is no error while somebody types.
    var completion: CompletionKind { .shellCommand("emsctl names \(rawValue) 2>/dev/null") }

    /// The listings and the column of each that have the names.
    fileprivate var sources: [(ListingQuery.Listing, String)] {
        switch self {
        case .meters: [(.meters, "meter")]
        case .points: [(.points, "point")]
        case .indicators: [(.overview, "name")]
        case .objectives: [(.overview, "objective")]
        case .nonconformities: [(.nonconformities, "id")]
        case .charts: [(.points, "point"), (.overview, "name"), (.overview, "objective")]
        case .links: [(.meters, "link")]
        }
    }
}

/// `emsctl names KIND`, for completion scripts.
struct NamesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "names", abstract: "The names of one kind, a line each, for completion.", shouldDisplay: false)

    @Argument(help: "meters, points, indicators, objectives, nonconformities, charts or links.")
    var kind: NameKind

    @OptionGroup var plant: PlantOptions

    func run() async throws {
        var names: Set<String> = []
        for (listing, column) in kind.sources {
            var bytes: [UInt8] = []
            try await plant.ask(ListingQuery(listing)) { bytes += $0 }
            let document = try? JSONSerialization.jsonObject(with: Data(bytes))
            let rows =
                (document as? [String: Any])?["indicators"] as? [[String: Any]] ?? document as? [[String: Any]] ?? []
            names.formUnion(rows.compactMap { $0[column] as? String })
        }
        try StandardStreams.output(Array(names.sorted().map { $0 + "\n" }.joined().utf8))
    }
}
