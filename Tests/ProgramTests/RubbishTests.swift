import Foundation
import TestKit
import Testing

/// Wrong input of every kind: the exit code, one clear line, and nothing lost or made.
@Suite("rubbish in")
struct RubbishTests {
    private let place: TemporaryFolder
    private let sound: String

    init() throws {
        place = try TemporaryFolder()
        sound = try place.write("sound.yaml", RecordedWorks.configuration(alerts: place.path))
    }

    private func end(_ program: String, _ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        try RunningProgram(program, arguments.map { $0.replacingOccurrences(of: "@", with: place.path) }).end(
            within: 60)
    }

    private func expectOneLine(_ text: String, containing part: String) {
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 2, "\(text)")
        #expect(text.hasSuffix("\n"))
        #expect(text.contains(part.replacingOccurrences(of: "@", with: place.path)), "\(text)")
    }

    /// Text of the sound configuration, what stands there instead, and where and how that is said.
    static let brokenConfigurations: [(String, String, String)] = [
        ("site: {name", "site: {name: Works, timezone: Moon/Base}\nsite: {name", ":2:1: error: "),
        ("timezone: Europe/Stockholm", "timezone: Europe/Stokholm", ":1:31: error: "),
        ("  - {path", "  - path: [", "error: "),
        ("transport: tcp", "transprot: tcp", "(did you mean 'transport'?)"),
        ("input 0", "input 70000", ":13:25: error: "),
        ("input 2", "holdin 2", "(did you mean 'holding'?)"),
        ("interval: 10s", "interval: ten", ":11:15: error: "),
        ("mean(incomer.power), unit: kW}", "mean(incomer.pwer), unit: kW}", "(did you mean 'incomer.power'?)"),
        ("type: float32", "type: float33", "(did you mean 'float32'?)"),
        (
            "indicator: power_quarter, max: 480", "indicator: power_quarters, max: 480",
            "(did you mean 'power_quarter'?)"
        ),
        ("severity: major", "severity: huge", "error: "),
    ]

    @Test(
        "a broken configuration is refused with its place by run, check and replay: 78", arguments: brokenConfigurations
    )
    func configurations(_ case: (String, String, String)) throws {
        let (text, instead, said) = `case`
        let configuration = RecordedWorks.configuration(alerts: place.path)
        let range = try #require(configuration.range(of: text))
        try place.write("broken.yaml", configuration.replacingCharacters(in: range, with: instead))
        for verb in [["run"], ["check"], ["replay", "--readings", "@/none.csv", "--database", "@/database"]] {
            let end = try end("emsd", verb + ["--config", "@/broken.yaml"])
            #expect(end.code == 78, "\(verb)")
            #expect(end.output == "")
            #expect(end.errors.contains(said), "\(end.errors)")
            for line in end.errors.split(separator: "\n") {
                #expect(line.contains(#/broken\.yaml:[0-9]+:[0-9]+: (error|warning): /#), "\(line)")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: place.file("database")))
    }

    @Test(
        "a file that is no configuration is refused with its place: 78",
        arguments: ["", "\u{0}\u{1}\u{2}", "- 1\n- 2\n", "a: [1, 2\n", "{{{{", "&a *a"])
    func noConfiguration(text: String) throws {
        try place.write("broken.yaml", text)
        let end = try end("emsd", ["check", "--config", "@/broken.yaml"])
        #expect(end.code == 78)
        #expect(end.errors.contains(#/broken\.yaml:[0-9]+:[0-9]+: error: /#), "\(end.errors)")
    }

    static let badRows: [(String, String)] = [
        ("yesterday,incomer.power,1,good", "'yesterday' is not a time"),
        ("2600-03-01T00:00:00Z,incomer.power,1,good", "is not in the years 1970 to 2100"),
        ("2026-03-01T25:00:00Z,incomer.power,1,good", "is not a time"),
        ("2026-03-01T00:00:05Z,incomer.pwer,1,good", "(did you mean 'incomer.power'?)"),
        ("2026-03-01T00:00:05Z,incomer.power,much,good", "'much' is not a number"),
        ("2026-03-01T00:00:05Z,incomer.power,1e999,good", "'1e999' is not a number"),
        ("2026-03-01T00:00:05Z,incomer.power,1,splendid", "'splendid' is not one of"),
        ("2026-03-01T00:00:05Z", "1 field"),
    ]

    @Test(
        "a row that cannot be read stops a replay with its file and line: 65; left out on request", arguments: badRows)
    func rows(_ row: (String, String)) throws {
        let lines = RecordedWorks(instants: 400).csv.split(separator: "\n").map(String.init)
        let whole = try place.write("whole.csv", lines.joined(separator: "\n") + "\n")
        let bad = try place.write("bad.csv", (lines[...20] + [row.0] + lines[21...]).joined(separator: "\r\n"))
        let replay = ["replay", "--config", sound, "--readings"]
        let stopped = try end("emsd", replay + [bad, "--database", "@/stopped"])
        #expect(stopped.code == 65)
        #expect(stopped.output == "")
        expectOneLine(stopped.errors, containing: "@/bad.csv:22: ")
        expectOneLine(stopped.errors, containing: row.1)

        let skipped = try end("emsd", replay + [bad, "--database", "@/skipped", "--skip-bad-rows", "--alerts-here"])
        #expect(skipped.code == 0)
        expectOneLine(skipped.errors, containing: "@/bad.csv:22: ")
        try #require(try end("emsd", replay + [whole, "--database", "@/whole", "--alerts-here"]).code == 0)
        let (view, other) = (PlantView.database(place.file("skipped")), PlantView.database(place.file("whole")))
        // Where the row says of which point and when it is, the value before it must not be held on.
        if row.1.contains("not a number") || row.1.contains("not one of") {
            let readings = try view.text("readings", "incomer.power")
            #expect(readings.contains("2026-03-01T00:00:05Z,incomer.power,,bad,unreadable"))
        } else {
            #expect(try view.text("indicators") == other.text("indicators"))
        }
    }

    @Test("a recording that is none is said in one line, with the code of its cause")
    func recordings() throws {
        try place.write("empty.csv", "")
        try place.write("header.csv", "when,what\n1,2\n")
        try place.write("torn.csv.gz", "\u{1F}no gzip at all")
        try FileManager.default.createDirectory(atPath: place.file("folder"), withIntermediateDirectories: true)
        for (name, code) in [
            ("empty.csv", 65), ("header.csv", 65), ("torn.csv.gz", 65), ("none.csv", 74), ("folder", 74),
        ] {
            let end = try end(
                "emsd", ["replay", "--config", sound, "--readings", "@/\(name)", "--database", "@/database"])
            #expect(end.code == Int32(code), "\(name)")
            expectOneLine(end.errors, containing: "@/\(name)")
        }
    }

    @Test("a directory that cannot be made: 73; a database that is not there: 74, and nothing is made")
    func directories() throws {
        try place.write("file", "in the way")
        let readings = try place.write("readings.csv", RecordedWorks(instants: 10).csv)
        let replay = try end(
            "emsd", ["replay", "--config", sound, "--readings", readings, "--database", "@/file/database"])
        #expect(replay.code == 73)
        expectOneLine(replay.errors, containing: "@/file/database")

        let storage = "storage: {directory: \"\(place.path)/file/state\"}\napi: {socket: \"\(place.path)/emsd.sock\"}\n"
        let configuration = storage + RecordedWorks.configuration(alerts: place.path)
        try place.write("unwritable.yaml", configuration)
        let run = try end("emsd", ["run", "--config", "@/unwritable.yaml"])
        #expect(run.code == 73)
        #expect(run.errors.split(separator: "\n").last?.contains("\(place.path)/file/state") == true, "\(run.errors)")

        let alerts = RecordedWorks.configuration(alerts: place.file("file"))
        try place.write("alerts.yaml", alerts)
        let silent = try end(
            "emsd", ["replay", "--config", "@/alerts.yaml", "--readings", readings, "--database", "@/recorded"])
        #expect(try PlantView.database(place.file("recorded")).rows("readings", "incomer.power").count == 10)
        // Ten readings raise nothing, so nothing has to be written.
        #expect(silent.code == 0 || silent.code == 73)

        let missing = try end("emsctl", ["status", "--database", "@/nowhere"])
        #expect(missing.code == 74)
        expectOneLine(missing.errors, containing: "@/nowhere")
        #expect(!FileManager.default.fileExists(atPath: place.file("nowhere")))
        try FileManager.default.createDirectory(atPath: place.file("bare"), withIntermediateDirectories: true)
        #expect(try end("emsctl", ["indicators", "--database", "@/bare"]).code == 74)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.file("bare")).isEmpty)
    }

    @Test("something else where the database should be is never written over")
    func otherDatabase() throws {
        try FileManager.default.createDirectory(atPath: place.file("other"), withIntermediateDirectories: true)
        let text = String(repeating: "this is no database\n", count: 500)
        try place.write("other/emsd.db", text)
        let look = try end("emsctl", ["status", "--database", "@/other"])
        #expect(look.code == 74)
        expectOneLine(look.errors, containing: "@/other/emsd.db")
        #expect(place.read("other/emsd.db") == text)

        let readings = try place.write("readings.csv", RecordedWorks(instants: 10).csv)
        let replay = try end("emsd", ["replay", "--config", sound, "--readings", readings, "--database", "@/other"])
        // It is set aside, under a name that says so.
        #expect(replay.code == 0)
        #expect(place.read("other/emsd.db.damaged-1") == text)
    }

    static let wrongRequests: [(String, [String], Int32, String)] = [
        ("emsctl", ["readings", "incomer.pwer", "--database", "@/db"], 65, "(did you mean 'incomer.power'?)"),
        ("emsctl", ["--database", "@/db", "indicators", "power_qarter"], 65, "(did you mean 'power_quarter'?)"),
        ("emsctl", ["--database", "@/db", "objectives", "contrakt"], 65, "(did you mean 'contract'?)"),
        ("emsctl", ["nc", "show", "NC-2026-9999", "--database", "@/db"], 65, "NC-2026-9999"),
        ("emsctl", ["ledger", "incomer.enrgy", "--database", "@/db"], 65, "(did you mean 'incomer.energy'?)"),
        ("emsctl", ["status", "--socket", "@/none.sock"], 69, "@/none.sock"),
        ("emsctl", ["nc", "ack", "NC-2026-0001", "--text", "seen", "--socket", "@/none.sock"], 69, "@/none.sock"),
        ("emsctl", ["reload", "--socket", "@/none.sock"], 69, "@/none.sock"),
        ("emsctl", ["status", "--socket", "@/sound.yaml"], 69, "@/sound.yaml"),
        ("emsctl", [], 64, "emsctl help"), ("emsctl", ["frobnicate"], 64, "frobnicate"),
        ("emsctl", ["status", "--colour"], 64, "--colour"), ("emsctl", ["indicators", "--format", "xml"], 64, "xml"),
        ("emsctl", ["readings", "incomer.power", "--since", "soon", "--database", "@/db"], 64, "'soon'"),
        ("emsctl", ["status", "--socket", "a", "--database", "b"], 64, "not both"),
        ("emsd", [], 64, "emsd help"), ("emsd", ["walk"], 64, "walk"),
        ("emsd", ["replay", "--config", "@/sound.yaml"], 64, "--readings"),
        ("emsd", ["run", "--frob"], 64, "--frob"),
    ]

    @Test("a wrong request ends with its code and one line", arguments: wrongRequests.indices)
    func requests(_ number: Int) throws {
        let (program, arguments, code, said) = Self.wrongRequests[number]
        if arguments.contains("@/db") {
            let readings = try place.write("readings.csv", RecordedWorks(instants: 300).csv)
            let replay = ["replay", "--config", sound, "--readings", readings, "--database", "@/db", "--alerts-here"]
            try #require(try end("emsd", replay).code == 0)
        }
        let end = try end(program, arguments)
        #expect(end.code == code)
        #expect(end.output == "")
        expectOneLine(end.errors, containing: said)
    }
}
