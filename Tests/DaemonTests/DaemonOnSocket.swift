import Foundation
import Logging
import Metering
import Platform
import ServiceLifecycle
import TestKit

@testable import Commissioning
@testable import Daemon

/// A daemon's API on a socket of its own, over a plant whose only link leads nowhere.
struct DaemonOnSocket {
    let folder: TemporaryFolder
    let plant: LivePlant

    var socket: String { folder.file("emsd.sock") }
    var configuration: String { folder.file("emsd.yaml") }

    init() throws {
        folder = try TemporaryFolder()
        try DaemonOnSocket.configuration(folder, limit: 10).write(
            toFile: folder.file("emsd.yaml"), atomically: true, encoding: .utf8)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        plant = try LivePlant(
            ConfigurationCheck.load(folder.file("emsd.yaml"), warn: { _ in }), configuration: folder.file("emsd.yaml"),
            logger: logger)
    }

    static func configuration(_ folder: TemporaryFolder, limit: Int, directory: String = "db") -> String {
        """
        site: {name: Test works, timezone: Europe/Stockholm}
        storage: {directory: \(folder.file(directory))}
        alerts: [{path: \(folder.file("alerts.jsonl")), format: json}]
        api: {socket: \(folder.file("emsd.sock"))}
        links:
          l: {transport: tcp, host: 127.0.0.1, port: 1}
        meters:
          m:
            link: l
            unit: 1
            interval: 1s
            points:
              p: {register: holding 0, type: uint16, kind: gauge}
              e: {register: holding 2, type: uint32, kind: counter, max_rate: 100}
        indicators:
          p_mean: {window: 10s, formula: mean(m.p)}
        objectives:
          limit: {indicator: p_mean, max: \(limit)}
        """
    }

    /// Runs the daemon's recording, alerts and API while `body` talks to it.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try UnixSocket.prepare(socket)
        try await OwnThread.run("start") { [plant] in try plant.startRecording() }
        let (listening, announce) = AsyncStream<Void>.makeStream()
        let group = ServiceGroup(
            services: [
                AlertService(plant: plant), RecordingService(plant: plant),
                APIServer(plant: plant, logger: plant.logger) { announce.finish() },
            ], logger: plant.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in listening {}
            do {
                try await body()
                await group.triggerGracefulShutdown()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            try await tasks.waitForAll()
        }
        try plant.close()
    }

    /// Keeps so many readings of `m.p`, one a second until now.
    func keep(readings count: Int) throws {
        let now = Instant(milliseconds: WallClock.milliseconds())
        try plant.recording.perform { recorder in
            recorder.hold(
                (0..<count).map { Reading(0, now - Int64(count - $0) * 1000, Double($0)) })
        }
        plant.recording.settle()
    }

    /// Asks for something and hangs up once so many bytes of the answer have come.
    func hangUp(_ target: String, after bytes: Int) async throws {
        let path = socket
        try await OwnThread.run("ask") {
            let client = try RawClient(socket: path)
            client.send("GET \(target) HTTP/1.1\r\nHost: emsd\r\n\r\n")
            _ = client.rest(upTo: bytes, within: 300)
        }
    }

    /// One request in plain HTTP; the status and the body.
    func ask(_ method: String, _ target: String, _ body: String = "") async throws -> (status: Int, body: String) {
        let path = socket
        return try await OwnThread.run("ask") {
            let head = "\(method) \(target) HTTP/1.1\r\nHost: emsd\r\nConnection: close\r\n"
            let client = try RawClient(socket: path)
            client.send(head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
            let answer = client.rest(within: 300)
            let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
            let text = parts.count > 1 ? String(parts[1]) : ""
            let isChunked = parts[0].lowercased().contains("transfer-encoding: chunked")
            return (status, isChunked ? DaemonOnSocket.unchunked(text) : text)
        }
    }
}

extension DaemonOnSocket {
    /// The body of a chunked answer.
    private static func unchunked(_ text: String) -> String {
        var rest = Substring(text)
        var body = ""
        while let end = rest.range(of: "\r\n"), let length = Int(rest[..<end.lowerBound], radix: 16), length > 0 {
            let chunk = rest[end.upperBound...].utf8.prefix(length)
            body += String(chunk) ?? ""
            rest = rest[chunk.endIndex...].dropFirst(1)
        }
        return body
    }
}
