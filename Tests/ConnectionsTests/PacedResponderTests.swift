import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Platform
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import Connections

@Suite("Answers that their clients do not take")
struct PacedResponderTests {
    /// Bytes of an answer: more than a socket takes on by itself.
    private static let length = 1_000_000

    /// Answers everything with a large text, and counts how often.
    private struct LargeAnswers: HTTPResponder {
        typealias Context = CallContext

        let turnstile: Turnstile
        let made = CountedAnswers()

        func respond(to request: Request, context: CallContext) async throws -> Response {
            if request.uri.path == "/small" {
                return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "small")))
            }
            let place = try await turnstile.enter()
            defer { withExtendedLifetime(place) {} }
            made.count()
            let text = ByteBuffer(repeating: 0x61, count: PacedResponderTests.length)
            return Response(status: .ok, body: ResponseBody(byteBuffer: text))
        }
    }

    private final class CountedAnswers: Sendable {
        private let made = Atomic(0)

        var number: Int { made.load(ordering: .sequentiallyConsistent) }

        func count() { made.add(1, ordering: .sequentiallyConsistent) }
    }

    /// Runs a server of large answers at a socket while `body` asks it.
    private func run(
        _ waiting: WaitingAnswers,
        _ body:
            @escaping @Sendable (_ socket: String, _ made: CountedAnswers, _ book: ConnectionBook) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let responder = LargeAnswers(turnstile: Turnstile("large answers", places: 1, queue: 64, behind: waiting))
        let book = ConnectionBook(links: 0, logger: logger)
        let (listening, announce) = AsyncStream<Void>.makeStream()
        let server = Application(
            responder: PacedResponder(responder, waiting: waiting, book: book),
            server: HTTPServerBuilder { responder in
                GuardedChannel(http: HTTP1Channel(responder: responder), book: book, limits: ConnectionLimits())
            },
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: path)),
            onServerRunning: { _ in announce.finish() }, logger: logger)
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in listening {}
            do {
                try await body(path, responder.made, book)
            } catch {
                book.closeAll()
                await group.triggerGracefulShutdown()
                throw error
            }
            book.closeAll()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        withExtendedLifetime(folder) {}
    }

    private func asked(_ socket: String, _ target: String, times: Int) throws -> RawClient {
        let client = try RawClient(socket: socket)
        client.send(String(repeating: "GET \(target) HTTP/1.1\r\nHost: emsd\r\n\r\n", count: times))
        return client
    }

    @Test("keep the next one of their connection from being made")
    func oneInFlight() async throws {
        try await run(WaitingAnswers(most: .max)) { socket, made, _ in
            let client = try asked(socket, "/large", times: 30)
            try await OwnThread.run("first") { _ = client.receive(1000) }
            for _ in 0..<50 {
                let other = try RawClient(socket: socket)
                try await OwnThread.run("small") { _ = other.get("/small") }
            }
            #expect(made.number == 1)
            // What has been taken makes place for the next one.
            try await OwnThread.run("whole") { _ = client.receive(PacedResponderTests.length + 1000) }
            while made.number < 2 { await Task.yield() }
        }
    }

    @Test("are few, and make room for the next one when they had their time, the oldest first")
    func bounded() async throws {
        let clock = SteppedClock()
        let waiting = WaitingAnswers(most: PacedResponderTests.length * 2, standstill: 1000, clock: clock.read)
        try await run(waiting) { socket, made, _ in
            let clients = try (0..<8).map { _ in try asked(socket, "/large", times: 3) }
            while waiting.count < 2 { await Task.yield() }
            for _ in 0..<50 {
                let other = try RawClient(socket: socket)
                try await OwnThread.run("small") { _ = other.get("/small") }
            }
            // Six more clients ask, and are not answered yet.
            #expect(waiting.count == 2 && made.number == 2)
            clock.step(milliseconds: 999)
            #expect(waiting.turn() == .wait && waiting.count == 2)
            let honest = Task {
                try await OwnThread.run("honest") { try RawClient(socket: socket).get("/large").utf8.count }
            }
            while made.number < 9 {
                clock.step(milliseconds: 500)
                await Task.yield()
                #expect(waiting.count <= 3)
            }
            #expect(try await honest.value > PacedResponderTests.length)
            withExtendedLifetime(clients) {}
        }
    }

    @Test("are no reason to keep any number of requests for one connection")
    func floods() async throws {
        try await run(WaitingAnswers(most: .max)) { socket, made, book in
            let few = try asked(socket, "/large", times: ConnectionLimits().owed)
            let many = try asked(socket, "/large", times: 500)
            #expect(try await OwnThread.run("many") { many.rest() }.utf8.count < 2 * PacedResponderTests.length)
            #expect(book.endings == [.slowReader: 1])
            let all = ConnectionLimits().owed * PacedResponderTests.length
            #expect(try await OwnThread.run("few") { few.rest(upTo: all) }.utf8.count >= all)
            #expect(made.number <= ConnectionLimits().owed + 1)
        }
    }

    @Test(
        "are not given to a request that names no host, or two",
        arguments: [
            ("GET /small HTTP/1.1\r\n\r\n", 400), ("GET /small HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400),
            ("GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
            ("GET /small HTTP/1.0\r\n\r\n", 200),
        ])
    func host(request: String, status: Int) async throws {
        try await run(WaitingAnswers()) { socket, _, _ in
            let client = try RawClient(socket: socket)
            client.send(request)
            let answer = try await OwnThread.run("answer") { client.rest(upTo: 16) }
            #expect(answer.hasPrefix("HTTP/1.") && answer.contains(" \(status) "), "\(answer)")
        }
    }
}

/// A clock that stands still until it is set on.
private final class SteppedClock: Sendable {
    private let time = Atomic<Int64>(0)

    var read: @Sendable () -> Int64 { { self.time.load(ordering: .sequentiallyConsistent) } }

    func step(milliseconds: Int64) { time.add(milliseconds * 1_000_000, ordering: .sequentiallyConsistent) }
}
