import ArgumentParser
import Foundation
import PlantAPI
import Programs

/// `emsctl journal [--type T] [-f]`
struct JournalVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "The journal: what came into force, what changed, was raised, revised, decided, done, and by whom.",
        discussion: "With --format json or csv each line stands as it is hashed, with its number and its hash; with -f "
            + "--format json an object a line.")

    @Option(
        help:
            "Only lines of this type, e.g. configuration, definition, nc, value.revised; 'nc' means nc.opened and so on."
    )
    var type: String?

    @Flag(name: [.customShort("f"), .long], help: "Goes on showing lines as they come.")
    var follow = false

    @OptionGroup var stretch: StretchOptions
    @OptionGroup var plant: PlantOptions
    @OptionGroup var form: FormatOption

    func run() async throws {
        var query = ListingQuery(
            .journal, name: type, since: stretch.since, until: stretch.until, format: form.format)
        if !follow { return try await plant.show(query, on: form) }
        query.format = .json
        query.after = stretch.since == nil ? try await last() : 0
        while true {
            var answer: [UInt8] = []
            try await plant.ask(query) { answer += $0 }
            let lines = try JSONDecoder().decode([Line].self, from: Data(answer))
            for line in lines { try StandardStreams.output(Array((try text(line) + "\n").utf8)) }
            if let seq = lines.last?.seq { query.after = seq }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private struct Line: Codable {
        var seq: Int
        var time, type, line, hash: String
    }

    /// The number of the last line there is.
    private func last() async throws -> Int {
        var answer: [UInt8] = []
        var all = ListingQuery(.journal, format: .json)
        all.since = "-1h"
        try await plant.ask(all) { answer += $0 }
        if let seq = try JSONDecoder().decode([Line].self, from: Data(answer)).last?.seq { return seq }
        answer = []
        try await plant.ask(ListingQuery(.journal, format: .json)) { answer += $0 }
        return try JSONDecoder().decode([Line].self, from: Data(answer)).last?.seq ?? 0
    }

    private func text(_ line: Line) throws -> String {
        switch form.format {
        case .table: return "\(line.seq)  \(line.line)"
        case .csv:
            return
                "\(line.seq),\(line.time),\(line.type),\"\(line.line.replacingOccurrences(of: "\"", with: "\"\""))\",\(line.hash)"
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            return String(decoding: try encoder.encode(line), as: UTF8.self)
        }
    }
}
