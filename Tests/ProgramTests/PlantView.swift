import Foundation
import Testing

/// What `emsctl` shows of a plant: of a running daemon, or of a database.
struct PlantView {
    /// The options that say where to look.
    let place: [String]

    static func socket(_ path: String) -> PlantView { PlantView(place: ["--socket", path]) }
    static func database(_ path: String) -> PlantView { PlantView(place: ["--database", path]) }

    /// A row of a listing; numbers are text as they were printed.
    typealias Row = [String: String]

    /// Runs a verb to its end.
    func run(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        try RunningProgram("emsctl", arguments + place).end(within: 60)
    }

    /// The listing in CSV as it was printed.
    func text(_ verb: String...) throws -> String {
        let end = try run(verb + ["--format", "csv"])
        guard end.code == 0 || end.code == 1 else {
            throw Overdue(description: "emsctl \(verb) ended with \(end.code): \(end.errors)")
        }
        return end.output
    }

    /// The listing row by row.
    func rows(_ verb: String...) throws -> [Row] { try rows(verb) }

    func rows(_ verb: [String]) throws -> [Row] {
        let end = try run(verb + ["--format", "csv"])
        guard end.code == 0 || end.code == 1 else {
            throw Overdue(description: "emsctl \(verb) ended with \(end.code): \(end.errors)")
        }
        return PlantView.rows(of: end.output)
    }

    /// One document.
    func document(_ verb: String...) throws -> [String: Any] {
        let end = try run(verb + ["--format", "json"])
        let parsed = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
        return try #require(parsed as? [String: Any], "\(end.errors)")
    }

    /// Everything that a database says, for comparing two of them.
    func everything() throws -> [String: String] {
        var all: [String: String] = [:]
        for verb in [
            ["indicators"], ["indicators", "--revisions"], ["objectives"], ["ledger"], ["nc", "list"], ["alerts"],
        ] {
            all[verb.joined(separator: " ")] = try run(verb + ["--format", "csv"]).output
        }
        for row in PlantView.rows(of: try text("points")) {
            let point = row["point"] ?? ""
            all["readings \(point)"] = try text("readings", point)
        }
        for row in PlantView.rows(of: all["nc list"] ?? "") {
            let id = row["id"] ?? ""
            all["nc show \(id)"] = try run(["nc", "show", id, "--format", "json"]).output
        }
        return all
    }

    /// CSV with a header; our listings quote only fields with commas or quotes.
    static func rows(of text: String) -> [Row] {
        var lines = text.split(separator: "\n").map(fields)
        guard !lines.isEmpty else { return [] }
        let header = lines.removeFirst()
        return lines.map { Row(uniqueKeysWithValues: zip(header, $0)) }
    }

    private static func fields(_ line: Substring) -> [String] {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                fields.append(field)
                field = ""
            } else {
                field.append(character)
            }
        }
        return fields + [field]
    }
}
