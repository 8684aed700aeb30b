import Foundation
import Testing

@Suite("Every command of the guides does what they say")
struct GuideTests {
    @Test(
        "in their order, in an empty directory",
        arguments: ["first-meter", "permit-limit", "auditor", "operations", "extending"])
    func commands(_ guide: String) throws {
        let place = try TemporaryPlace()
        let text = try String(contentsOfFile: TemporaryPlace.ofTests("../config/guides/\(guide).md"), encoding: .utf8)
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
            let body = done.lines.joined(separator: "\n").replacing("15020", with: "\(port)") + "\n"
            if done.name == "sh" {
                script += body
                commands += done.lines.count
            } else if done.name.hasPrefix("yaml ") {
                let name = String(done.name.dropFirst(5))
                try FileManager.default.createDirectory(
                    at: URL(fileURLWithPath: place.at(name)).deletingLastPathComponent(),
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

    @Test("each guide is listed, and the manual pages and completions are made from the programs' own help")
    func manual() throws {
        let index = try String(contentsOfFile: TemporaryPlace.ofTests("../config/guides/README.md"), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: TemporaryPlace.ofTests("../config/guides"))
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
