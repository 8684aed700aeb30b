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
        let end = try begin("Works of Borås", "Mars", "Europe/Stockholm", "127.0.0.1:\(port)").end(within: 60)
        #expect(end.code != 0)
        #expect(end.errors.contains("'Mars' is no IANA time zone"), "\(end.errors)")
        let text = place.read("first.yaml")
        for answer in ["Works of Borås", "Europe/Stockholm", "127.0.0.1", "\(port)"] {
            #expect(text.contains(answer), "\(end.errors)")
        }
        // A device that is not there is no other case.
        try FileManager.default.removeItem(atPath: place.file("first.yaml"))
        let serial = try begin("Works", "UTC", place.file("ttyUSB0"), "fast", "9600", "some", "odd").end(within: 60)
        #expect(serial.code != 0)
        let line = place.read("first.yaml")
        #expect(line.contains("baud: 9600") && line.contains("parity: odd"), "\(serial.errors)")
    }

    @Test("where the answers end with one that cannot be meant, nothing is written: 65")
    func endOfAnswers() throws {
        let end = try begin("Works", "Mars").end(within: 60)
        #expect(end.code == 65)
        #expect(end.errors.contains("'Mars' is no IANA time zone such as Europe/Stockholm: nothing was written"))
        #expect(!FileManager.default.fileExists(atPath: place.file("first.yaml")))
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
