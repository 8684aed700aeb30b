import Foundation
import TestKit
import Testing
import WireKit

@Suite("The first configuration, as 'emsd init' writes it", .timeLimit(.minutes(5)))
struct InitTests {
    private let place: TemporaryFolder

    init() throws { place = try TemporaryFolder() }

    /// `emsd init` with answers, a line each; a signal reaches it and not the shell.
    private func begin(_ answers: String...) throws -> RunningProgram {
        let file = try place.write("answers", answers.map { $0 + "\n" }.joined())
        return try RunningProgram(
            "/bin/sh",
            ["-c", "exec '\(RunningProgram.directory)/emsd' init --output '\(place.file("first.yaml"))' < '\(file)'"])
    }

    @Test("a line that cannot be asked costs no answer: the file is written, and the fault is said")
    func lineDown() throws {
        let port = try FreePort.some(1)[0]
        let end = try begin("Works of Borås", "Europe/Stockholm", "127.0.0.1:\(port)").end(within: 60)
        #expect(end.code != 0)
        let text = place.read("first.yaml")
        for answer in ["Works of Borås", "Europe/Stockholm", "127.0.0.1", "\(port)"] {
            #expect(text.contains(answer), "\(end.errors)")
        }
        // A device that is not there is no other case.
        try FileManager.default.removeItem(atPath: place.file("first.yaml"))
        let serial = try begin("Works", "UTC", place.file("ttyUSB0"), "9600", "odd").end(within: 60)
        #expect(serial.code != 0)
        let line = place.read("first.yaml")
        #expect(line.contains("baud: 9600") && line.contains("parity: odd"), "\(serial.errors)")
    }

    @Test(
        "an answer from a file that cannot be meant ends it, and nothing is written: 65",
        arguments: [
            ["Works", "Mars"], ["Works", "Mars", "UTC"], ["Works", "UTC", "/dev/none", "fast", "9600", "odd"],
        ])
    func noAnswer(_ answers: [String]) throws {
        let file = try place.write("answers", answers.map { $0 + "\n" }.joined())
        let script = "exec '\(RunningProgram.directory)/emsd' init --output '\(place.file("first.yaml"))' < '\(file)'"
        let end = try RunningProgram("/bin/sh", ["-c", script]).end(within: 60)
        #expect(end.code == 65)
        #expect(end.errors.contains(": nothing was written"), "\(end.errors)")
        #expect(!FileManager.default.fileExists(atPath: place.file("first.yaml")))
    }

    @Test("on a terminal an answer that cannot be meant is asked for again")
    func askedAgain() throws {
        let file = try place.write("answers", "Works\nMars\nEurope/Stockholm\n/dev/none\nfast\n9600\nsome\nodd\n")
        // `script` hands its input on through a terminal.
        let command = "'\(RunningProgram.directory)/emsd' init --units 0 --output '\(place.file("first.yaml"))'"
        let end = try RunningProgram("/bin/sh", ["-c", "script -qec \"\(command)\" /dev/null < '\(file)'"]).end(
            within: 60)
        let text = place.read("first.yaml")
        for answer in ["Europe/Stockholm", "baud: 9600", "parity: odd"] { #expect(text.contains(answer), "\(end)") }
    }

    @Test("Ctrl-C ends the search, and the file has what was answered and found: 130")
    func interrupted() throws {
        // It takes the connection and says nothing: each unit is waited for.
        let server = try RawServer(.tcp) { _, _, _ in .goOn }
        let program = try begin("Works", "UTC", "127.0.0.1:\(server.port)")
        try eventually("a connection") { server.connections > 0 }
        program.send(SIGINT)
        let end = program.end(within: 60)
        #expect(end.code == 130, "\(end.errors)")
        #expect(end.errors.contains("were not asked"), "\(end.errors)")
        #expect(place.read("first.yaml").contains("127.0.0.1"))
    }
}
