import Foundation
import TestKit
import Testing

/// `emsctl` as people and scripts use it.
@Suite("the command line")
struct CommandLineTests {
    private static func plant(_ port: Int) -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 300ms}
        meters:
          stack: {link: hall, unit: 7, interval: 100ms, points: {nox: {register: input 0, type: float32, kind: gauge}, o2: {register: input 2, type: float32, kind: gauge}}}
        indicators:
          nox: {window: 1s, formula: mean(stack.nox), grace: 500ms}
          o2: {window: 1s, formula: mean(stack.o2), grace: 500ms}
        objectives:
          permit: {indicator: nox, max: 1, severity: major}
          oxygen: {indicator: o2, max: 1, severity: minor}

        """
    }

    @Test("a step is taken with each of several numbers and said, the status is the worst; listings are narrowed")
    func steps() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsim = try works.simulate("signals: {stack.nox: 9, stack.o2: 9}\n")
        defer { emsim.slay() }
        try works.start()
        try eventually("two nonconformities") { try works.view.rows("nc", "list").count == 2 }
        let ids = try works.view.rows("nc", "list").compactMap { $0["id"] }
        let both = try works.view.run(["nc", "ack"] + ids + ["--text", "burner off"])
        #expect(both.code == 0, "\(both.errors)")
        #expect(both.output == ids.map { "\($0): ack taken, now acknowledged\n" }.joined())
        let mixed = try works.view.run(["nc", "comment", "NC-1999-0001", ids[1], "--text", "seen"])
        #expect(mixed.code == 65)
        #expect(mixed.output == "\(ids[1]): comment taken, now acknowledged\n")
        #expect(mixed.errors.contains("NC-1999-0001"))
        #expect(try works.view.run(["nc", "reject", ids[0], "--text", "a test"]).code == 0)
        let empty = try works.view.run(["nc", "action", ids[1], "--text", "look at it"])
        #expect(empty.code == 65)
        #expect(empty.errors.contains("'action' needs it to be"), "\(empty.errors)")
        let rows = { (filters: [String]) in
            PlantView.rows(of: try works.view.run(["nc", "list", "--format", "csv"] + filters).output).compactMap {
                $0["id"]
            }
        }
        #expect(try rows(["--state", "rejected"]) == [ids[0]])
        #expect(try rows(["--state", "acknowledged", "--state", "rejected"]) == ids)
        #expect(try Set(rows(["--severity", "minor"]) + rows(["--severity", "major"])) == Set(ids))
        #expect(try rows(["--objective", "permit"]).count == 1)
        let unknown = try works.view.run(["nc", "list", "--state", "opn"])
        #expect(unknown.code == 64)
        #expect(unknown.errors.contains("(did you mean 'open'?)"), "\(unknown.errors)")
        #expect(try works.view.run(["nc", "list", "--objective", "permi"]).code == 65)
        #expect(try works.view.rows("objectives", "--verdict", "met").isEmpty)
        #expect(try works.view.rows("objectives", "--verdict", "not_met").isEmpty == false)
        #expect(try works.view.rows("points", "--quality", "bad").isEmpty)
        #expect(try works.view.rows("points", "stack.nox", "--quality", "good").count == 1)
        #expect(try works.view.run(["points", "stack.nix"]).code == 65)
        #expect(try works.stop().code == 0)
    }

    @Test("alerts -f begins with --since, writes the form that is asked for, and says that the daemon stopped: 69")
    func following() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        try works.start()
        try eventually("an alert") { try works.view.rows("alerts").isEmpty == false }
        let followers = try ["table", "csv", "json"].map { format in
            let program = try RunningProgram(
                "emsctl", ["alerts", "-f", "--since", "-1h", "--format", format] + works.view.place)
            let start = ["table": "20", "csv": "1,", "json": "{\"seq\":1"][format] ?? ""
            #expect(program.lines(until: start).last?.contains("started") == true)
            return program
        }
        let late = try RunningProgram("emsctl", ["alerts", "-f", "--since", "+1h"] + works.view.place).end(within: 60)
        #expect(late.code == 64)
        #expect(try works.stop().code == 0)
        for follower in followers {
            let end = follower.end(within: 60)
            #expect(end.code == 69)
            #expect(end.errors.contains("stopped, and no more alerts come"), "\(end.errors)")
        }
    }

    @Test("a reader that has had enough is a quiet end, for every verb and for help", arguments: [true, false])
    func hangingUp(isOffline: Bool) throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        try works.start()
        if isOffline { #expect(try works.stop().code == 0) }
        let place = (isOffline ? works.record : works.view).place.joined(separator: " ")
        for verb in ["status", "points", "alerts", "nc list", "meters"] {
            let emsctl = "\(RunningProgram.directory)/emsctl"
            // The reader is gone before anything is written.
            let script = "{ sleep 0.2; '\(emsctl)' \(verb) \(place); echo $? >&2; } | true"
            let end = try RunningProgram("/bin/bash", ["-c", script]).end(within: 60)
            #expect(["0\n", "1\n"].contains(end.errors), "\(verb): \(end.errors)")
        }
        if !isOffline { #expect(try works.stop().code == 0) }
    }

    @Test("standard streams that were closed are not taken by files and sockets, and a closed output is said: 74")
    func closedStreams() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsd = "\(RunningProgram.directory)/emsd"
        let script = "exec '\(emsd)' run --config '\(works.configuration)' <&- >&- 2>&-"
        let daemon = try RunningProgram("/bin/bash", ["-c", script])
        defer { daemon.slay() }
        try eventually("an answer") { try works.view.run(["points"]).code == 0 }
        for stream in 0...2 {
            let file = "/proc/\(daemon.identifier)/fd/\(stream)"
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file) == "/dev/null")
        }
        daemon.terminate()
        #expect(daemon.end(within: 60).code == 0)
        let place = works.record.place.joined(separator: " ")
        let closed = try RunningProgram(
            "/bin/bash", ["-c", "'\(RunningProgram.directory)/emsctl' points \(place) >&-"]
        ).end(within: 60)
        #expect(closed.code == 74 && closed.errors.contains("Bad file descriptor"), "\(closed)")
    }

    @Test(
        "help and version that cannot be written are said, as any other result is: 74",
        arguments: ["emsctl", "emsd", "emsim"], ["--help", "--version"])
    func fullOutput(program: String, option: String) throws {
        let script = "'\(RunningProgram.directory)/\(program)' \(option) >/dev/full"
        let end = try RunningProgram("/bin/bash", ["-c", script]).end(within: 60)
        #expect(end.code == 74, "\(end)")
        #expect(end.errors == "\(program): cannot write to standard output: No space left on device\n")
    }

    @Test("a first configuration is not written with a time zone that is none: 65")
    func firstConfiguration() throws {
        let folder = try TemporaryFolder()
        func answered(_ zone: String) throws -> Int32 {
            let emsd = "\(RunningProgram.directory)/emsd"
            let output = folder.file("first.yaml")
            let script = "printf 'Works\\n\(zone)\\n\\n' | '\(emsd)' init --units 0 --output '\(output)'"
            return try RunningProgram("/bin/bash", ["-c", script]).end(within: 60).code
        }
        #expect(try answered("Nowhere/Zone") == 65)
        #expect(!FileManager.default.fileExists(atPath: folder.file("first.yaml")))
        #expect(try answered("Europe/Stockholm") == 0)
        let check = try RunningProgram("emsd", ["check", "--config", folder.file("first.yaml")]).end(within: 60)
        #expect(check.code == 0, "\(check.errors)")
    }

    @Test(
        "a mistyped verb gets the nearest one: 64",
        arguments: [
            ("emsctl", ["statsu"], "'statsu' (did you mean 'status'?): 'emsctl help' lists them"),
            ("emsctl", ["nc", "ackk", "NC-1"], "'ackk' (did you mean 'ack'?): 'emsctl help nc' lists them"),
            ("emsctl", ["--format", "csv", "meter", "exchagne"], "'exchagne' (did you mean 'exchange'?)"),
            ("emsctl", ["help", "redings"], "'redings' (did you mean 'readings'?)"),
            ("emsctl", ["zzzzz"], "there is no verb 'zzzzz': 'emsctl help' lists them"),
            ("emsd", ["runn"], "'runn' (did you mean 'run'?): 'emsd help' lists them"),
        ])
    func mistypedVerbs(program: String, arguments: [String], words: String) throws {
        let end = try RunningProgram(program, arguments).end(within: 60)
        #expect(end.code == 64)
        #expect(end.errors.contains(words), "\(end.errors)")
        #expect(end.errors.split(separator: "\n").count == 1)
    }

    @Test("a scan that is interrupted keeps what it found: 130; a unit that only refuses is found")
    func interruptedScan() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            """
            links:
              hall: {transport: rtu_over_tcp, host: 127.0.0.1, port: \(port), timeout: 150ms}
            meters:
              a: {link: hall, unit: 1, interval: 2s, points: {p: {register: holding 0, type: float32, kind: gauge}}}
              b: {link: hall, unit: 2, interval: 2s, points: {p: {register: holding 0, type: float32, kind: gauge}}}

            """)
        let emsim = try works.simulate("faults: [{meter: b, fault: exception, code: 11, from: 0s}]\n")
        defer { emsim.slay() }
        let scan = try RunningProgram("emsctl", ["scan", "hall", "--config", works.configuration, "--format", "csv"])
        // However long it takes to start: connected (state 01) it asks the first two at once, and 245 more for 36 s.
        let place = ":" + String(port, radix: 16, uppercase: true) + " 01 "
        try eventually("a connection") {
            // Foundation reads of such a file no more than its first page.
            let file = try #require(FileHandle(forReadingAtPath: "/proc/net/tcp"))
            return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self).contains(place)
        }
        usleep(2_000_000)
        scan.send(SIGINT)
        let end = scan.end(within: 60)
        #expect(end.code == 130)
        let rows = PlantView.rows(of: end.output)
        #expect(rows.map { $0["unit"] } == ["1", "2"])
        #expect(rows.last?["answer"] == "exception-11")
        #expect(end.errors.contains("were not asked"), "\(end.errors)")
    }
}
