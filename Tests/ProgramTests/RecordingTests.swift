import Foundation
import TestKit
import Testing

/// Small recordings with what they must end with, each of a fault that there was once (`Recordings`): the parts are
/// replayed one after the other into one database, and its final revisions are what the tables say.
@Suite("recordings that were computed wrongly once")
struct RecordingTests {
    private static let folder = RepositoryFile.ofTests("ProgramTests/Recordings")

    static var cases: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// By table, the verb that lists it.
    private static let verbs = [
        "indicators": ["indicators"], "ledger": ["ledger"], "objectives": ["objectives"],
        "nonconformities": ["nc", "list"],
    ]

    @Test("ends as its tables say", arguments: cases)
    func replayed(name: String) throws {
        let folder = "\(Self.folder)/\(name)"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let place = try TemporaryFolder()
        for part in files where part.hasPrefix("part") {
            let end = try RunningProgram(
                "emsd",
                [
                    "replay", "--config", "\(folder)/plant.yaml", "--readings", "\(folder)/\(part)", "--database",
                    place.file("database"),
                ]
            ).end()
            try #require(end.code == 0 || end.code == 1, "\(part): \(end.errors)")
        }
        let tables = files.filter { $0.hasSuffix(".csv") && !$0.hasPrefix("part") }
        try #require(!tables.isEmpty)
        for table in tables {
            let verb = try #require(Self.verbs[String(table.dropLast(4))], "\(table) is the name of no table")
            let text = try String(contentsOfFile: "\(folder)/\(table)", encoding: .utf8)
            try expect(text, of: PlantView.database(place.file("database")).rows(verb))
        }
    }

    /// Compares what the table has columns for; which revision a value is belongs to how it came, not to what it is.
    private func expect(_ text: String, of found: [PlantView.Row]) {
        let columns = text.prefix { $0 != "\n" }.split(separator: ",").map(String.init)
        let lines = found.filter { $0["remark"] != "revised" }.map { row in
            columns.map { column in
                let field = row[column] ?? "(no column \(column))"
                guard column == "flags" else { return field }
                return field.split(separator: " ").filter { $0 != "revised" }.joined(separator: " ")
            }.joined(separator: ",")
        }
        #expect(lines == text.split(separator: "\n").dropFirst().map(String.init))
    }
}
