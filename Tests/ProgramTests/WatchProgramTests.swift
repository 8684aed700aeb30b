import Foundation
import Testing

@Suite("watch on a terminal")
struct WatchProgramTests {
    @Test(
        "gives the terminal back as it was found, and ends with the status that its end has",
        .enabled(if: RunningProgram.python != nil),
        arguments: [("q", 0), ("INT", -2), ("TERM", -15), ("HUP", -1), ("QUIT", -3), ("SEGV", -11)])
    func ends(_ way: String, _ status: Int) throws {
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: 1, timeout: 300ms}
            meters:
              stack: {link: hall, unit: 7, interval: 1s, points: {nox: {register: input 0, type: float32, kind: gauge}}}

            """)
        try works.start()
        let python = try #require(RunningProgram.python)
        let end = try RunningProgram(
            python,
            [
                RepositoryFile.ofTests("Foreign/terminal.py"), way, "\(RunningProgram.directory)/emsctl", "watch",
                "--socket",
                works.place.file("emsd.sock"),
            ]
        ).end(within: 90)
        #expect(end.output == "\(status) same shown\n", "\(end.errors)")
        #expect(try works.stop().code == 0)
    }

    @Test("needs a terminal, and says so in a pipe")
    func pipe() throws {
        let works = try LiveWorks(
            """
            links:
              hall: {transport: tcp, host: 127.0.0.1, port: 1, timeout: 300ms}
            meters:
              stack: {link: hall, unit: 7, interval: 1s, points: {nox: {register: input 0, type: float32, kind: gauge}}}

            """)
        try works.start()
        let end = try works.view.run(["watch"])
        #expect(end.code == 64 && end.errors.contains("watch"), "\(end)")
        #expect(try works.stop().code == 0)
    }
}
