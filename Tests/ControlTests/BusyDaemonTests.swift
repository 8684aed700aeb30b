import Foundation
import PlantAPI
import TestKit
import Testing

@testable import emsctl

@Suite("emsctl asks a daemon that has too much to do again")
struct BusyDaemonTests {
    @Test("until it answers: nothing of the refusals is shown")
    func again() async throws {
        let busy = Self.answer(
            "503 Service Unavailable", #"{"detail":"the daemon is busy","exit":69}"#, "Retry-After: 5\r\n")
        let stub = try StubDaemon([busy, busy, Self.answer("200 OK", "[]")])
        var shown: [UInt8] = []
        let status = try await Daemon(socket: stub.path, patience: .seconds(3600)).get(
            "/v1/readings?point=m.p"
        ) { shown += $0 }
        #expect(status == .done)
        #expect(String(decoding: shown, as: UTF8.self) == "[]")
    }

    @Test("and no daemon that refuses for good")
    func refused() async throws {
        let stopping = Self.answer("503 Service Unavailable", #"{"detail":"the daemon is stopping","exit":69}"#)
        let stub = try StubDaemon([stopping, Self.answer("200 OK", "[]")])
        await #expect(throws: CommandError(.unreachable, "the daemon is stopping")) {
            _ = try await Daemon(socket: stub.path).get("/v1/status") { _ in }
        }
    }

    @Test("one that is there and answers nothing at all is told from one that works long: 69")
    func mute() async throws {
        let stub = try StubDaemon([])
        let daemon = Daemon(socket: stub.path, silence: .milliseconds(1), life: .milliseconds(50))
        let refusal = await #expect(throws: CommandError.self) { _ = try await daemon.get("/v1/status") { _ in } }
        #expect(refusal?.status == .unreachable)
        #expect(refusal?.message.contains("is there and does not answer") == true)
    }

    private static func answer(_ status: String, _ body: String, _ headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(headers)Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Answers one request after the other with what it was given, each on a connection of its own.
private final class StubDaemon: Sendable {
    private let folder: TemporaryFolder
    let path: String
    private let listener: Int32

    init(_ answers: [String]) throws {
        folder = try TemporaryFolder()
        path = folder.file("stub")
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 16) == 0)
        Thread.detachNewThread { [listener] in
            var rest = answers[...]
            while let answer = rest.first {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 4096)
                // Who only looks whether somebody is there asks nothing.
                if recv(connection, &request, request.count, 0) > 0 {
                    rest = rest.dropFirst()
                    _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
