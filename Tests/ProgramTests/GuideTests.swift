import Foundation
import TestKit
import Testing

@Suite("Every command of the guides does what they say")
struct GuideTests {
    @Test(
        "in their order, in an empty directory",
        arguments: ["first-meter", "permit-limit", "auditor", "operations", "extending"])
    func commands(_ guide: String) throws {
        let place = try TemporaryFolder()
        let text = try String(contentsOfFile: RepositoryFile.ofTests("../config/guides/\(guide).md"), encoding: .utf8)
        let port = try FreePort.some(1)[0]
        // A step that is not in order ends with 1, as the guides say; anything above is a wrong command.
        var script = """
            set -u
            trap 'code=$?; if [ $code -gt 1 ]; then echo "line: $BASH_COMMAND ended with $code" >&2; exit $code; fi' ERR
            set -E
            trap 'jobs=$(jobs -p); [ -z "$jobs" ] || kill $jobs 2>/dev/null; wait' EXIT

            """
        var block: (name: String, lines: [String])?
        var commands = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            guard line.hasPrefix("```") else {
                block?.lines.append(line)
                continue
            }
            guard let done = block else {
                block = (String(line.dropFirst(3)), [])
                continue
            }
            let body =
                done.lines.joined(separator: "\n").replacing("15020", with: "\(port)")
                .replacing("/usr/local/share/doc/emsd/config", with: RepositoryFile.ofTests("../config")) + "\n"
            if done.name == "sh" {
                script += body
                commands += done.lines.count
            } else if let name = done.name.split(separator: " ").dropFirst().first.map(String.init) {
                try FileManager.default.createDirectory(
                    at: URL(fileURLWithPath: place.file(name)).deletingLastPathComponent(),
                    withIntermediateDirectories: true)
                try place.write(name, body)
            }
            block = nil
        }
        #expect(commands > 0)
        let path = try place.write("guide.sh", "cd '\(place.path)'\n" + script)
        let environment = [
            "PATH": RunningProgram.directory + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        ]
        let end = try RunningProgram("/bin/bash", [path], environment: environment).end(within: 300)
        #expect(end.code <= 1, "\(end.errors)\n\(end.output.suffix(2000))")
        #expect(!end.errors.contains("ended with"), "\(end.errors)")
    }

    @Test("the commands that a symptom names are run, with the names of a plant in the place of capitals")
    func trouble() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 1s}
            meters:
              stack: {link: hall, unit: 7, interval: 1s, points: {nox: {register: input 0, type: float32, kind: gauge}}}
            indicators:
              nox_mean: {window: 1m, formula: mean(stack.nox)}

            """)
        let emsim = try works.simulate("signals: {stack.nox: 250}\n")
        try works.start()
        try eventually("a reading") { try works.view.rows("points").first?["quality"] == "good" }
        let text = try String(contentsOfFile: RepositoryFile.ofTests("../config/guides/trouble.md"), encoding: .utf8)
        let commands = text.matches(of: /`((?:emsctl|emsd) [^`]+)`/).map { String($0.1) }
        #expect(commands.count >= 8)
        let names = [
            ("METER.POINT", "stack.nox"), ("METER", "stack"), ("POINT", "stack.nox"), ("LINK", "hall"),
            ("unit N", "unit 7"), ("NAME", "nox_mean"), ("FILE", works.configuration),
        ]
        let environment = [
            "PATH": RunningProgram.directory + ":/usr/bin:/bin", "EMSD_SOCKET": works.place.file("emsd.sock"),
        ]
        // What needs the lines for itself comes when the daemon has gone, as the guide says.
        let alone = commands.filter { $0.contains("--connect") }
        var isStopped = false
        for command in commands.filter({ !alone.contains($0) }) + alone {
            if alone.contains(command), !isStopped {
                #expect(try works.stop().code == 0)
                isStopped = true
            }
            var line = names.reduce(command) { $0.replacing($1.0, with: $1.1) }
            if line == "emsd check" { line += " --config '\(works.configuration)'" }
            let end = try RunningProgram("/bin/bash", ["-c", line], environment: environment).end()
            #expect(end.code <= 1, "\(line): \(end)")
        }
        #expect(isStopped)
        emsim.terminate()
    }

    @Test("each guide is listed, and the manual pages and completions are made from the programs' own help")
    func manual() throws {
        let index = try String(contentsOfFile: RepositoryFile.ofTests("../config/guides/README.md"), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: RepositoryFile.ofTests("../config/guides"))
        for file in files where file != "README.md" { #expect(index.contains("(\(file))"), "\(file)") }
        for (program, verb) in [
            ("emsctl", "\\fB\\-\\-trace\\fR"), ("emsd", ".SS init"), ("emsim", "\\fB\\-\\-scenario\\fR"),
        ] {
            let page = try RunningProgram(program, ["--generate-manual"]).end()
            #expect(page.code == 0 && page.output.hasPrefix(".TH \(program.uppercased()) "))
            #expect(page.output.contains(verb), "\(page.output.prefix(2000))")
        }
        for shell in ["bash", "zsh", "fish"] {
            let script = try RunningProgram("emsctl", ["--generate-completion-script", shell]).end()
            #expect(script.code == 0 && script.output.contains("emsctl names points"), "\(shell)")
        }
    }
}
