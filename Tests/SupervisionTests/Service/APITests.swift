import Foundation
import Testing

@testable import Supervision

@Suite("The API on the socket")
struct APITests {
    @Test("answers listings, says what is wrong as a problem, and ends with all alerts on disk")
    func answers() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            let points = try await daemon.ask("GET", "/v1/points?format=csv")
            #expect(points.status == 200)
            #expect(points.body == "point,kind,value,unit,quality,reason,time\nm.p,gauge,,,,,\n")
            #expect(try await daemon.ask("GET", "/v1/readings?point=m.p").body == "[]\n")
            let status = try await daemon.ask("GET", "/v1/status")
            #expect(status.body.contains("\"site\":\"Test works\""))
            let unknown = try await daemon.ask("GET", "/v1/readings?point=m.q")
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("there is no point 'm.q' (did you mean 'm.p'?)"))
            #expect(unknown.body.contains("\"exit\":65"))
            #expect(try await daemon.ask("GET", "/v1/readings").status == 400)
            #expect(try await daemon.ask("GET", "/v1/nothing").status == 404)
            #expect(try await daemon.ask("DELETE", "/v1/points").status == 405)
            let metrics = try await daemon.ask("GET", "/metrics")
            #expect(metrics.body.contains("emsd_nonconformities_ongoing 0\n"))
            #expect(metrics.body.hasSuffix("# EOF\n"))
        }
        #expect(!FileManager.default.fileExists(atPath: daemon.socket))
        let events = try daemon.folder.lines(of: "alerts.jsonl").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(events == [Line(seq: 1, event: "started"), Line(seq: 2, event: "stopped")])
    }

    @Test("only the owner and the group may use the socket")
    func mode() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            let mode = try FileManager.default.attributesOfItem(atPath: daemon.socket)[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
    }

    @Test("a broken configuration is refused on reload with every finding, and the old one stays in force")
    func reload() async throws {
        let daemon = try DaemonOnSocket()
        let folder = daemon.folder
        try await daemon.run {
            let digest = daemon.plant.plant.digest
            for broken in [
                DaemonOnSocket.configuration(folder, limit: 10).replacing("max:", with: "mx:"),
                DaemonOnSocket.configuration(folder, limit: 10, directory: "elsewhere"),
            ] {
                try broken.write(toFile: daemon.configuration, atomically: true, encoding: .utf8)
                let refused = try await daemon.ask("POST", "/v1/reload")
                #expect(refused.status == 422)
                #expect(refused.body.contains("\"exit\":78"))
                #expect(refused.body.contains(": error: "))
                #expect(daemon.plant.plant.digest == digest)
            }
            try DaemonOnSocket.configuration(folder, limit: 20).write(
                toFile: daemon.configuration, atomically: true, encoding: .utf8)
            #expect(try await daemon.ask("POST", "/v1/reload").status == 200)
            #expect(daemon.plant.plant.digest != digest)
        }
    }

    @Test("a socket that a dead daemon left is taken over; one that somebody listens at, or a file, is not")
    func staleSocket() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            #expect(throws: Complaint.self) { try UnixSocket.prepare(daemon.socket) }
        }
        let folder = try TemporaryFolder()
        try folder.write("not a socket", to: "s")
        #expect(throws: Complaint.self) { try UnixSocket.prepare(folder.file("s")) }
        #expect(try folder.text(of: "s") == "not a socket")
    }

    private struct Line: Decodable, Equatable {
        var seq: Int
        var event: String
    }
}
