import Foundation
import Platform
import RecordKeeping
import TestKit
import Testing

@testable import Connections
@testable import Daemon
@testable import PlantAPI
@testable import Recording

@Suite("The API on the socket")
struct APITests {
    @Test("answers listings, says what is wrong as a problem, and ends with all alerts on disk")
    func answers() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            let points = try await daemon.ask("GET", "/v1/points?format=csv")
            #expect(points.status == 200)
            #expect(
                points.body == "point,kind,value,unit,quality,reason,time,detail\nm.p,gauge,,,,,,\nm.e,counter,,,,,,\n")
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
            #expect(!metrics.body.contains("# EOF"))
        }
        #expect(!FileManager.default.fileExists(atPath: daemon.socket))
        let events = try daemon.folder.lines(of: "alerts.jsonl").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(events == [Line(seq: 1, event: "started"), Line(seq: 2, event: "stopped")])
    }

    @Test("readers who hang up within a long listing cost nothing but themselves")
    func hangUps() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            try daemon.keep(readings: 6000)
            for bytes in [1, 100, 20_000, 100_000, 100, 100] {
                try await daemon.hangUp("/v1/readings?point=m.p", after: bytes)
            }
            let whole = try await daemon.ask("GET", "/v1/readings?point=m.p&format=csv")
            #expect(whole.status == 200 && whole.body.split(separator: "\n").count == 6001)
        }
    }

    @Test(
        "paths are matched exactly",
        arguments: [
            ("POST", "/zzz/meters/m.e/exchange"), ("GET", "/v1/status/"), ("GET", "//v1/status"),
            ("GET", "/v1//status"), ("GET", "/v1/status/x"), ("GET", "/V1/status"), ("GET", "/v1"),
            ("POST", "/v1/meters/m.e/exchange/"), ("GET", "/metrics/"), ("GET", "/v1/nonconformities/a/b"),
            ("POST", "/v1/nonconformities/NC-2026-0001/nonsense"), ("POST", "/v1/nonconformities/NC-2026-0001/ack"),
            ("GET", "/v1/nonconformities/NC-2026-0001"), ("POST", "/v1/links/x/scan"), ("POST", "/v1/links/l/x"),
        ])
    func exactPaths(method: String, path: String) async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            let answer = try await daemon.ask(method, path, #"{"text":"seen","from":1,"to":1}"#)
            #expect(answer.status == 404 && answer.body.contains("\"exit\":65"), "\(answer)")
        }
    }

    @Test("no more readers are let in than are answered, and the others are told when to come again")
    func busy() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            var places: [Turnstile.Place] = []
            for _ in 0..<daemon.plant.turnstiles.listings.places {
                places.append(try await daemon.plant.turnstiles.listings.enter())
            }
            let refused = try await daemon.ask("GET", "/v1/readings?point=m.p")
            #expect(refused.status == 503 && refused.body.contains("4 long listings are under way"), "\(refused)")
            #expect(refused.body.contains("\"exit\":69"))
            #expect(try await daemon.ask("GET", "/v1/status").status == 200)
            #expect(try await daemon.ask("GET", "/metrics").status == 200)
            places = []
            #expect(try await daemon.ask("GET", "/v1/readings?point=m.p").status == 200)
        }
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

    @Test("an exchange of a meter is taken from an operator, kept over a reload, and refused where it makes no sense")
    func exchange() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            let time = "\"time\":\"2026-01-01T10:00:00Z\""
            let whole = "{\(time),\"closing\":84213.4,\"opening\":12.7,\"reason\":\"work order 7\"}"
            for (name, body, status, words) in [
                ("m", whole, 200, "m.e: exchange at 2026-01-01T11:00:00+01:00 declared, 0 values revised"),
                ("m.e", whole, 200, "m.e: exchange"), ("m.p", whole, 422, "'m.p' is no counter"),
                ("m.x", whole, 404, "there is no counter 'm.x' (did you mean 'm.e'?)"),
                ("m.e", "{\(time),\"closing\":1}", 422, "needs the closing index and the opening index"),
                ("m.e", "{}", 422, "an exchange is a JSON object"),
                ("m.e", String(repeating: " ", count: 1 << 20) + whole, 413, "a megabyte at the most"),
                ("m.e", "{\"time\":\"soon\",\"closing\":1,\"opening\":2}", 400, "'soon' is no time"),
            ] {
                let answer = try await daemon.ask("POST", "/v1/meters/\(name)/exchange", body)
                #expect(answer.status == status && answer.body.contains(words), "\(answer)")
            }
            #expect(try await daemon.ask("POST", "/v1/reload").status == 200)
            let known = try daemon.plant.store.read { try DeclaredExchange.all(in: $0) }
            #expect(known.map(\.point) == ["m.e"] && known[0].closing == 84213.4 && known[0].reason == "work order 7")
            let withdrawn = try await daemon.ask("POST", "/v1/meters/m.e/exchange", "{\(time)}")
            #expect(withdrawn.body.contains("withdrawn"))
            #expect(try await daemon.ask("POST", "/v1/meters/m.e/exchange", "{\(time)}").body.contains("was declared"))
            #expect(try daemon.plant.store.read { try DeclaredExchange.all(in: $0) } == [])
        }
    }

    @Test("a socket that a dead daemon left is taken over; one that somebody listens at, or a file, is not")
    func staleSocket() async throws {
        let daemon = try DaemonOnSocket()
        try await daemon.run {
            #expect(throws: CommandError.self) { try UnixSocket.prepare(daemon.socket) }
        }
        let folder = try TemporaryFolder()
        try folder.write("s", "not a socket")
        #expect(throws: CommandError.self) { try UnixSocket.prepare(folder.file("s")) }
        #expect(try folder.text(of: "s") == "not a socket")
    }

    private struct Line: Decodable, Equatable {
        var seq: Int
        var event: String
    }
}
