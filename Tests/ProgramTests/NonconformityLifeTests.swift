import Foundation
import Testing

/// The life of a nonconformity as people live it: real programs and users, and the daemon killed between the steps.
@Suite("a nonconformity's life", .enabled(if: geteuid() == 0, "it needs several users"))
struct NonconformityLifeTests {
    private static func plant(_ port: Int) -> String {
        """
        deadlines: {escalate_to: Works manager, minor: {acknowledge: 4s, cause: 1h, plan: 1h, close: 1d}}
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
        meters:
          stack: {link: hall, unit: 7, interval: 100ms, points: {nox: {register: input 0, type: float32, kind: gauge}}}
        indicators:
          nox: {window: 1s, formula: mean(stack.nox), grace: 500ms}
        objectives:
          permit: {indicator: nox, max: 5, responsible: Environmental manager}

        """
    }

    /// `emsctl` as a user of the system.
    private static func emsctl(_ works: LiveWorks, as user: UInt32, _ arguments: [String]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try RunningProgram(
            "/usr/bin/setpriv",
            ["--reuid=\(user)", "--clear-groups", "\(RunningProgram.directory)/emsctl"] + arguments + works.view.place
        ).end(within: 60)
    }

    private static func again(_ works: LiveWorks) throws {
        works.slay()
        try works.start()
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: works.place.file("emsd.sock"))
    }

    private static let effect = ["--effective-when", "nox <= 4 for 3 windows"]

    @Test(
        "each refused step says why, each reminder comes once, each step is in the journal with its person, over kills")
    func life() throws {
        // On every Debian: daemon is 1 and games is 5.
        let (daemon, games): (UInt32, UInt32) = (1, 5)
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]), operators: ["daemon", "games"])
        var emsim = try works.simulate("signals: {stack.nox: 9}\n")
        defer { emsim.slay() }
        try works.start()
        let id = try eventually("a nonconformity") { try works.view.rows("nc", "list").first?["id"] }
        func step(_ word: String, as user: UInt32 = 0, _ arguments: String...) throws -> (Int32, String) {
            let end = try Self.emsctl(works, as: user, ["nc", word, id] + arguments)
            return (end.code, end.output + end.errors)
        }
        try works.remindedTwice(of: "acknowledge", killing: Self.again)
        let stranger = try step("ack", as: 7, "--text", "seen")
        #expect(stranger.0 == 77, "\(stranger)")
        let empty = try step("ack")
        #expect(empty.0 == 65 && empty.1.contains("what was done at once, or why nothing"), "\(empty)")
        #expect(try step("contain", "--text", "burner at half load", "--at", "-1h").0 == 0)
        let photo = try works.place.write("photo.txt", "a photo\n")
        #expect(try step("ack", "--text", "told the shift", "--evidence", photo).0 == 0)
        try Self.again(works)
        #expect(try step("cause", "--category", "equipment", "--text", "worn").0 == 0)
        try Self.again(works)
        let vague = try step("action", "--text", "repair")
        #expect(vague.0 == 65 && vague.1.contains("--owner"), "\(vague)")
        let unknown = try step(
            "action", "--text", "repair", "--owner", "daemon", "--due", "2100-01-01", "--effective-when",
            "noz <= 4 for 3 windows")
        #expect(unknown.0 == 65 && unknown.1.contains("'noz' (did you mean 'nox'?)"), "\(unknown)")
        #expect(
            try step(
                "action", "--text", "repair", "--owner", "daemon", "--due", "2100-01-01", Self.effect[0], Self.effect[1]
            ).0 == 0)
        try Self.again(works)
        #expect(try step("done", as: daemon, "--action", "1", "--text", "repaired").0 == 0)
        // It goes on as it was: the telemetry says that the repair was none.
        try eventually("a reopening") { try works.view.rows("nc", "list").first?["state"] == "reopened" }
        emsim.slay()
        emsim = try works.simulate("signals: {stack.nox: 3}\n")
        try Self.again(works)
        try eventually("its end") { try works.view.rows("nc", "list").first?["condition"] == "cleared" }
        #expect(
            try step(
                "action", "--text", "replace", "--owner", "daemon", "--due", "+14d", Self.effect[0], Self.effect[1]
            ).0 == 0)
        #expect(try step("done", as: daemon, "--action", "2", "--text", "replaced").0 == 0)
        try Self.again(works)
        let doer = try step("verify", as: daemon, "--text", "looks well")
        #expect(doer.0 == 77 && doer.1.contains("another operator must verify it"), "\(doer)")
        #expect(try step("verify", "--text", "looks well").0 == 77, "root is nobody in particular")
        try eventually("the effect") { try step("verify", as: games, "--text", "three seconds below 4").0 == 0 }
        try Self.again(works)
        #expect(try step("close", as: daemon).0 == 77)
        #expect(try step("close", as: games).0 == 0)
        #expect(try step("ack", "--text", "again").0 == 65)
        #expect(try works.stop().code == 0)
        try Self.expectAllOnce(works, id)
    }

    private static func expectAllOnce(_ works: LiveWorks, _ id: String) throws {
        #expect(works.alerts.isGapless)
        let reminders = works.alerts.lines.compactMap { line -> String? in
            guard let event = line?["event"] as? String, let number = line?["reminder"] as? Int else { return nil }
            return "\(event.dropFirst("nonconformity_".count)) \(line?["what"] ?? "") \(number)"
        }
        #expect(Set(reminders).count == reminders.count, "\(reminders)")
        let shown = try works.record.document("nc", "show", id)
        let steps = (shown["steps"] as? [[String: Any]] ?? []).map { "\($0["step"] ?? "") \($0["who"] ?? "")" }
        #expect(
            steps == [
                "contain root", "ack root", "cause root", "action root", "done daemon", "reopened emsd", "action root",
                "done daemon", "verify games", "close games",
            ])
        let listed = try JSONSerialization.jsonObject(
            with: Data(works.record.run(["journal", "--format", "json"]).output.utf8))
        let journal = try #require(listed as? [[String: Any]]).compactMap { $0["line"] as? String }
        for step in steps {
            let words = step.split(separator: " ")
            #expect(
                journal.contains {
                    $0.contains("\"type\":\"nc.\(words[0])\"") && $0.contains("\"by\":\"\(words[1])\"")
                },
                "\(step)")
        }
        let said = journal.filter { $0.contains("\"reminder\":") }.count
        #expect(said == reminders.count)
        // echo "a photo" | sha256sum
        let digest = "159c2bcab485d298ba138cc2c9ed83decf52125d4773f985b8aae42cb9c6522e"
        #expect(try works.record.run(["nc", "show", id]).output.contains("photo.txt \(digest)"))
        #expect(try works.record.run(["audit", "verify"]).code == 0)
        // What shares no line with the sources says the same of every reminder.
        guard let python = RunningProgram.python else { return }
        let lines = try works.place.write("journal.jsonl", journal.joined(separator: "\n") + "\n")
        let oracle = try RunningProgram(
            python,
            [RepositoryFile.ofTests("Oracle/life.py"), works.configuration, lines, works.place.file("alerts.jsonl")]
        ).end()
        #expect(oracle.code == 0, "\(oracle.output) \(oracle.errors)")
    }
}

extension LiveWorks {
    /// Waits until somebody has been reminded as overdue twice, with a kill after each new reminder.
    fileprivate func remindedTwice(of what: String, killing again: (LiveWorks) throws -> Void) throws {
        var known = 0
        try eventually("two overdue reminders") {
            let said = alerts.lines.compactMap { $0 }.filter { $0["what"] as? String == what }
            if said.count > known {
                known = said.count
                try again(self)
            }
            return said.filter { $0["event"] as? String == "nonconformity_overdue" }.count >= 2
        }
        let escalated = alerts.lines.compactMap { $0?["escalated_to"] as? [String] }
        #expect(escalated.contains(["Works manager"]))
    }
}
