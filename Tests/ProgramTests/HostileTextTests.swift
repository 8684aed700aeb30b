import Foundation
import Testing

/// What people and devices write is shown, and cannot do anything.
@Suite("hostile texts")
struct HostileTextTests {
    private static let poison = #"\e[2J\a\u202e"#

    @Test("of configuration and operators reach no terminal and no log as they are, and forge no line")
    func everywhere() throws {
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(try FreePort.some(1)[0]), timeout: 1s}
            meters:
              stack: {title: "Stack \(Self.poison)\\nmeter forged  good", link: hall, unit: 7, interval: 100ms, points: {nox: {register: input 0, type: float32, kind: gauge, unit: "\(Self.poison)"}}}
            indicators:
              nox: {title: "=2+3", window: 1s, formula: mean(stack.nox), grace: 500ms}
            objectives:
              permit: {title: "=2+3\(Self.poison)\\n2026-01-01T00:00:00Z critical - forged", indicator: nox, max: 1, severity: major}

            """)
        let emsim = try works.simulate("signals: {stack.nox: 9}\n")
        try works.start()
        try eventually("a nonconformity") { try works.view.rows("nc", "list").isEmpty == false }
        let comment = "seen\nClosed       by nobody\u{1B}[31m\u{9B}1m\u{2066}\rNext         nothing"
        let id = try #require(works.view.rows("nc", "list").first?["id"])
        #expect(try works.view.run(["nc", "comment", id, "--text", comment]).code == 0)
        var shown: [String: String] = [:]
        for verb in [
            ["status"], ["meters"], ["points"], ["nc", "list"], ["nc", "show", id], ["alerts"], ["objectives"],
        ] {
            for format in ["table", "csv", "json"] {
                shown["\(verb) \(format)"] = try works.view.run(verb + ["--format", format]).output
            }
        }
        let wrong = try works.view.run(["readings", "\u{1B}[2Jx\ny"])
        #expect(wrong.code == 65)
        shown["standard error"] = wrong.errors
        #expect(wrong.errors.split(separator: "\n").count == 1)
        let end = try works.stop()
        emsim.terminate()
        shown["daemon's log"] = end.errors
        shown["text log"] = works.place.read("alerts.log")
        shown["JSON log"] = works.place.read("alerts.jsonl")
        for (name, text) in shown {
            let bad = text.unicodeScalars.first { scalar in
                scalar != "\n" && !(name.hasSuffix("csv") && scalar == "\r")
                    && (scalar.properties.generalCategory == .control || ("\u{202A}"..."\u{2069}").contains(scalar))
            }
            #expect(bad == nil, "\(name): \(text.debugDescription)")
        }
        let story = try #require(shown["\(["nc", "show", id]) table"]).split(separator: "\n")
        #expect(story.count { $0.hasPrefix("Next ") } == 1 && !story.contains { $0.hasPrefix("Closed") }, "\(story)")
        #expect(!(shown["\(["meters"]) table"] ?? "").split(separator: "\n").contains { $0.hasPrefix("meter forged") })
        for line in works.place.read("alerts.log").split(separator: "\n") {
            #expect(
                line.wholeMatch(of: /\d{4}-\d\d-\d\dT\S+ (warning|minor|major|critical) (NC-\S+|-) .*/) != nil,
                "\(line)")
            #expect(!line.hasPrefix("2026-01-01"))
        }
        let recorded = try #require(works.record.document("nc", "show", id)["steps"] as? [[String: Any]])
        #expect(recorded.last?["text"] as? String == comment, "what was said is kept as it was said")
        #expect(shown["\(["alerts"]) csv"]?.contains("\"'=2+3") == true)
    }
}
