import Foundation
import Testing

/// `emsctl status` says yes only where nobody has to do anything.
@Suite("in order")
struct InOrderTests {
    private static func plant(_ port: Int, timeout: String = "300ms") -> String {
        """
        links:
          hall: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: \(timeout)}
        meters:
          stack: {link: hall, unit: 7, interval: 200ms, points: {nox: {register: input 0, type: float32, kind: gauge}}}

        """
    }

    @Test("an alert file that cannot be written is a fault before anything has to be written to it")
    func brokenAlertFile() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        let emsim = try works.simulate("signals: {stack.nox: 5}\n")
        try works.start()
        try eventually("all in order") { try works.view.run(["status"]).code == 0 }
        try FileManager.default.removeItem(atPath: works.place.file("alerts.log"))
        try FileManager.default.createDirectory(
            atPath: works.place.file("alerts.log"), withIntermediateDirectories: false)
        try eventually("the fault") { try works.view.run(["status"]).code == 1 }
        let status = try works.view.document("status")
        #expect(status["in_order"] as? Bool == false)
        #expect(status["problems"] as? [String] == ["1 fault of the daemon"])
        try FileManager.default.removeItem(atPath: works.place.file("alerts.log"))
        try eventually("all in order again") { try works.view.run(["status"]).code == 0 }
        #expect(try works.stop().code == 0)
        emsim.terminate()
    }

    @Test("a meter that has not been asked since the start is not in order, whatever the record says of before")
    func notAskedYet() throws {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(Self.plant(port, timeout: "4s"))
        let emsim = try works.simulate("signals: {stack.nox: 5}\n")
        try works.start()
        try eventually("all in order") { try works.view.run(["status"]).code == 0 }
        #expect(try works.stop().code == 0)
        emsim.terminate()
        _ = emsim.end()
        let silent = try works.simulate("faults: [{meter: stack, fault: silent, from: 0s}]\n")
        try works.start()
        var problems: Set<String> = []
        try eventually("a bad reading") {
            let end = try works.view.run(["status", "--format", "json"])
            #expect(end.code == 1, "\(end.output)")
            let parsed = try JSONSerialization.jsonObject(with: Data(end.output.utf8)) as? [String: Any]
            problems.formUnion(parsed?["problems"] as? [String] ?? [])
            return problems.contains("1 point bad")
        }
        #expect(problems == ["1 meter not asked yet", "1 point bad"])
        #expect(try works.stop().code == 0)
        silent.terminate()
    }

    @Test("a meter that answered before the start has answered, also over starts in which it did not")
    func answeredBefore() throws {
        let works = try LiveWorks(Self.plant(try FreePort.some(1)[0]))
        func lastAnswer() throws -> String? {
            let meters = try #require(works.view.document("status")["meters"] as? [[String: Any]])
            return meters.first?["last_answer"] as? String
        }
        try works.start()
        try eventually("a bad reading") { try works.newest()["stack.nox"]?["quality"] == "bad" }
        #expect(try lastAnswer() == nil)
        #expect(try works.view.run(["status"]).output.contains("never answered"))
        let emsim = try works.simulate("signals: {stack.nox: 5}\n")
        try eventually("an answer") { try works.newest()["stack.nox"]?["quality"] == "good" }
        emsim.terminate()
        _ = emsim.end()
        for _ in 0..<2 {
            try eventually("a bad reading") { try works.newest()["stack.nox"]?["quality"] == "bad" }
            #expect(try works.stop().code == 0)
            try works.start()
        }
        try eventually("a bad reading of this start") {
            try works.view.run(["status"]).output.contains("refuses connections")
        }
        #expect(try lastAnswer() != nil)
        #expect(try !works.view.run(["status"]).output.contains("never answered"))
        #expect(try works.stop().code == 0)
    }
}
