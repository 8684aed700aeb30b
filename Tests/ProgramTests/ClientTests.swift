import Foundation
import TestKit
import Testing

/// The daemon against clients that mean no good, or have stopped.
@Suite("a daemon and its clients", .serialized)
struct ClientTests {
    /// A plant without an answering meter, with a record of so many readings of `m.p`.
    private static func works(readings: Int, metrics: Int? = nil) throws -> LiveWorks {
        let port = try FreePort.some(1)[0]
        let works = try LiveWorks(
            (metrics.map { "metrics: {listen: \"127.0.0.1:\($0)\"}\n" } ?? "") + """
                links:
                  l: {transport: tcp, host: 127.0.0.1, port: \(port), timeout: 200ms}
                meters:
                  m: {link: l, unit: 1, interval: 1s, points: {p: {register: holding 0, type: float32, kind: gauge}}}

                """)
        if readings > 0 {
            let start = Date().addingTimeInterval(-Double(readings) - 600)
            let form = ISO8601DateFormatter()
            let rows = (0..<readings).map { "\(form.string(from: start.addingTimeInterval(Double($0)))),m.p,\($0).5" }
            let file = try works.place.write("r.csv", "time,point,value\n" + rows.joined(separator: "\n") + "\n")
            let replay = try RunningProgram(
                "emsd",
                [
                    "replay", "--config", works.configuration, "--readings", file, "--database",
                    works.place.file("state"),
                ])
            let end = replay.end()
            guard end.code == 0 else { throw Overdue(description: end.errors) }
        }
        return works
    }

    private func listing(_ works: LiveWorks) throws -> RawClient {
        let client = try RawClient(socket: works.place.file("emsd.sock"))
        client.send("GET /v1/readings?point=m.p HTTP/1.1\r\nHost: x\r\n\r\n")
        return client
    }

    @Test("stalled readers, followers, pipelining scrapers and half requests do not keep it from stopping in 5 s")
    func stop() throws {
        let port = try FreePort.some(1)[0]
        let works = try Self.works(readings: 40_000, metrics: port)
        try works.start()
        let path = works.place.file("emsd.sock")
        var clients = try (0..<6).map { _ in try listing(works) }
        for _ in 0..<4 {
            let follower = try RawClient(socket: path)
            follower.send("GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            let half = try RawClient(socket: path)
            half.send("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            let scraper = try RawClient(port: port)
            scraper.send(
                Array(String(repeating: "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", count: 4000).utf8), within: 1)
            clients += [follower, half, scraper]
        }
        // The recorder, status and metrics go on beside them.
        #expect(try works.view.run(["status"]).code <= 1)
        #expect(try RawClient(port: port).get("/metrics").contains("emsd_meter_polls_total{meter=\"m\"}"))
        let end = try works.stop()
        #expect(end.code == 0, "\(end.errors)")
        #expect(end.seconds < 5)
        #expect(works.alerts.events.last == "stopped")
        withExtendedLifetime(clients) {}
    }

    @Test("readers that stall are let go, and those who come meanwhile are told to come again")
    func stalled() throws {
        let works = try Self.works(readings: 40_000)
        try works.start()
        let clients = try (0..<9).map { _ in try listing(works) }
        // emsctl would ask again until there is a place.
        try eventually("the places to be taken") {
            let answer = try RawClient(socket: works.place.file("emsd.sock")).get("/v1/readings?point=m.p&since=-1h")
            guard answer.contains(" 503 ") else { return false }
            #expect(answer.contains("long listings are under way") && answer.lowercased().contains("retry-after"))
            return true
        }
        #expect(try works.view.run(["status"]).code <= 1)
        try eventually("a place again") { try works.view.run(["readings", "m.p"]).code == 0 }
        #expect(try works.view.rows("readings", "m.p").count >= 40_000)
        let ended = try RawClient(socket: works.place.file("emsd.sock")).get("/metrics")
        #expect(!ended.contains("emsd_connections_ended_total{cause=\"slow_reader\"} 0\n"))
        withExtendedLifetime(clients) {}
        #expect(try works.stop().code == 0)
    }

    @Test("more connections than there are places displace those that ask nothing, and never those who are answered")
    func many() throws {
        let works = try Self.works(readings: 0)
        try works.start()
        let path = works.place.file("emsd.sock")
        let follower = try RawClient(socket: path)
        follower.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        var idle: [RawClient] = []
        for round in 0..<4 {
            for _ in 0..<100 { idle.append(try RawClient(socket: path)) }
            #expect(try works.view.run(["status"]).code <= 1, "round \(round)")
        }
        #expect(idle[0].rest(within: 5) == "")
        let metrics = try RawClient(socket: path).get("/metrics")
        #expect(!metrics.contains("emsd_connections_ended_total{cause=\"displaced\"} 0\n"))
        #expect(works.daemon?.isRunning == true)
        #expect(try works.stop().code == 0)
        #expect(follower.rest().contains(": emsd"))
    }

    @Test("no request of any form ends it, and each is answered or hung up on")
    func rubbish() throws {
        let works = try Self.works(readings: 50)
        try works.start()
        let path = works.place.file("emsd.sock")
        for target in [
            "/v1/readings?point=m.p&since=-300000000y", "/v1/readings?point=m.p&since=-999999999q&until=9999-12-31",
            "/v1/readings?point=m.p&until=0001-01-01T00:00:00Z", "/v1/alerts?since=-999999999w",
        ] {
            #expect(try RawClient(socket: path).get(target).hasPrefix("HTTP/1.1 "), "\(target)")
        }
        for request in [
            "GET / HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET /\r\n\r\n", "GET %zz HTTP/1.1\r\n\r\n",
            "POST /v1/reload HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/backup HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 5000) + "\r\n",
            "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n",
        ] {
            let client = try RawClient(socket: path)
            client.send(request)
            let answer = client.rest(within: 3)
            #expect(answer == "" || answer.hasPrefix("HTTP/1.1 4"), "\(request.prefix(60)) \(answer.prefix(200))")
        }
        #expect(try works.view.run(["status"]).code <= 1)
        #expect(try works.stop().code == 0)
    }

    @Test("a metrics address that is taken is waited for, said, and no reason not to poll")
    func metricsAddress() throws {
        let port = try FreePort.some(1)[0]
        let other = try RunningProgram(
            "/usr/bin/python3",
            [
                "-c",
                "import socket,time; s=socket.create_server(('127.0.0.1',\(port))); print('ready',flush=True); time.sleep(99)",
            ])
        _ = other.lines(until: "ready")
        let works = try Self.works(readings: 0, metrics: port)
        try works.start()
        try eventually("the fault in status") {
            try works.view.run(["status"]).output.contains("the metrics cannot be served at 127.0.0.1:\(port)")
        }
        other.slay()
        try eventually("the metrics") { (try? RawClient(port: port))?.get("/metrics").contains("200 OK") ?? false }
        #expect(try !works.view.run(["status"]).output.contains("the metrics cannot be served"))
        let end = try works.stop()
        #expect(end.code == 0 && end.errors.contains("it is tried again") && end.errors.contains("are served at"))
    }
}
