import Foundation
import Testing

/// Why a link is down reaches whoever has to mend it.
@Suite("a link that is down")
struct LinkDownTests {
    private static let counts = ["nobody": 40, "nameless": 2, "missing": 1, "wrong": 2, "dead": 3]

    private static func plant(_ ports: [Int]) -> String {
        func meters(_ link: String) -> String {
            (1...(counts[link] ?? 1)).map { unit in
                "  \(link)_\(unit): {link: \(link), unit: \(unit), interval: 500ms, "
                    + "points: {p: {register: input 0, type: float32, kind: gauge}}}"
            }.joined(separator: "\n")
        }
        return """
            links:
              nobody: {transport: tcp, host: 127.0.0.1, port: \(ports[0]), timeout: 200ms}
              nameless: {transport: tcp, host: no-such-host.invalid, timeout: 200ms}
              missing: {transport: rtu, device: /dev/serial/none, baud: 9600}
              wrong: {transport: rtu, device: /dev/null, baud: 9600}
              dead: {transport: tcp, host: 127.0.0.1, port: \(ports[1]), timeout: 100ms}
            meters:
            \(["nobody", "nameless", "missing", "wrong", "dead"].map(meters).joined(separator: "\n"))

            """
    }

    /// Serves the link whose meters are all silent; the other links are not served at all.
    private static func serve(_ works: LiveWorks) throws -> RunningProgram {
        let served = works.place.read("emsd.yaml").split(separator: "\n").filter { line in
            !["nobody", "nameless", "missing", "wrong"].contains { line.hasPrefix("  \($0)") }
        }.joined(separator: "\n")
        try works.place.write("served.yaml", served + "\n")
        try works.place.write(
            "silent.yaml",
            "faults:\n" + (1...3).map { "  - {meter: dead_\($0), fault: silent, from: 0s}\n" }.joined())
        let emsim = try RunningProgram(
            "emsim",
            ["--config", works.place.file("served.yaml"), "--scenario", works.place.file("silent.yaml")])
        #expect(emsim.lines(until: "ready").last == "ready")
        return emsim
    }

    @Test("is told of once, with its cause and its meters counted, and each of its points says why")
    func causes() throws {
        let ports = try FreePort.some(2)
        let works = try LiveWorks(Self.plant(ports))
        let emsim = try Self.serve(works)
        try works.start()
        let causes = [
            "nobody": ("refused", "127.0.0.1 refuses connections on port \(ports[0]) ("),
            "nameless": ("link-down", "the host name 'no-such-host.invalid' is not known ("),
            "missing": ("link-down", "there is no device /dev/serial/none (No such file or directory)"),
            "wrong": ("link-down", "/dev/null is no serial line (Inappropriate ioctl for device)"),
            "dead": ("timeout", "it connects, but 3 requests in a row were not answered"),
        ]
        try eventually("the alerts of all links") { works.alerts.events.count { $0 == "link_lost" } == causes.count }
        let status = try works.view.document("status")
        let newest = try works.newest()
        let table = try works.view.run(["status", "--format", "table"])
        #expect(table.code == 1)
        #expect(table.output.split(separator: "\n").first?.contains("NOT in order") == true, "\(table.output)")
        #expect(table.output.contains("5 links down"), "\(table.output)")
        #expect(table.output.contains("40 meters never answered"), "\(table.output)")
        for (link, (reason, cause)) in causes {
            let alert = try #require(works.alerts.lines.compactMap { $0 }.first { $0["link"] as? String == link })
            let count = Self.counts[link]
            #expect(alert["meters"] as? Int == count, "\(alert)")
            #expect(alert["reason"] as? String == reason)
            let message = try #require(alert["message"] as? String)
            #expect(
                message.contains(cause) && message.contains(count == 1 ? "its meter" : "\(count ?? 0) meters"),
                "\(message)")
            let links = try #require(status["links"] as? [[String: Any]])
            let told = links.first { $0["link"] as? String == link }
            #expect((told?["cause"] as? String)?.hasPrefix(cause) == true, "\(told ?? [:])")
            #expect(newest["\(link)_1.p"]?["reason"] == reason)
            #expect(newest["\(link)_1.p"]?["detail"]?.contains(cause) == true, "\(newest["\(link)_1.p"] ?? [:])")
            #expect(table.output.contains(cause), "\(table.output)")
        }
        let end = try works.stop()
        emsim.terminate()
        #expect(!works.alerts.events.contains("meter_lost"), "\(works.alerts.events)")
        for (_, cause) in causes.values { #expect(end.errors.contains(cause), "\(cause) is not in the log") }
    }
}
