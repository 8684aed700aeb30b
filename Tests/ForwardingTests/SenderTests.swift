import Conformity
import Metering
import Platform
import Postgres
import Synchronization
import TestKit
import Testing

@testable import Forwarding
@testable import PlantConfiguration
@testable import Storage

@Suite("a sender and a host that does not behave")
struct SenderTests {
    /// Milliseconds after which what is to end is taken to go on for ever: two minutes is what a connection takes to give up.
    private static let ever: Int64 = 60_000
    private static let now = Instant(milliseconds: 1_790_000_000_000)

    private let folder: TemporaryFolder
    private let store: PlantStore

    init() throws {
        folder = try TemporaryFolder()
        store = try PlantStore(directory: folder.path, access: .owner(create: true, sync: .normal))
        try store.adopt(StoreNames(points: [.init(name: "m.p", kind: .gauge)]))
        try store.write { writer in
            try writer.append([Reading(0, Self.now - 1000, 1, .good, .none)])
        }
    }

    private func around(
        _ log: @escaping @Sendable (String) -> Void = { _ in },
        tell: @escaping @Sendable (ForwardSurroundings.News) -> Void = { _ in }
    ) -> ForwardSurroundings {
        ForwardSurroundings(
            now: { Self.now }, site: { ForwardedSite(version: "", configuration: "", objectives: []) },
            tell: tell, keep: { _ in }, log: log)
    }

    private func target(_ kind: ForwardTarget.Kind, _ port: UInt16) -> ForwardTarget {
        let scheme = [.influx: "http", .postgresql: "postgresql", .sparkplug: "mqtt"][kind, default: ""]
        return ForwardTarget(
            name: "office", kind: kind, url: "\(scheme)://127.0.0.1:\(port)/write", site: "Works", streams: [.readings])
    }

    /// Whether something holds in the end; the threads of the pool are left to those who are waited for.
    private func eventually(_ holds: () throws -> Bool) async throws -> Bool {
        for _ in 0..<(Self.ever / 20) {
            if try holds() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Whether something comes to its end, on a thread of its own.
    private func ends(_ work: @escaping @Sendable () -> Void) async throws -> Bool {
        let hasEnded = Mutex(false)
        try OwnThread.start("work") {
            work()
            hasEnded.withLock { $0 = true }
        }
        return try await eventually { hasEnded.withLock { $0 } }
    }

    @Test(
        "one that keeps silent holds up neither the end nor another configuration",
        arguments: ForwardTarget.Kind.allCases)
    func silent(kind: ForwardTarget.Kind) async throws {
        let host = SilentHost()
        let forwarder = Forwarder(store)
        for ending in [{ try? forwarder.configure([], around: around()) }, { forwarder.end() }]
            as [@Sendable () -> Void?]
        {
            try forwarder.configure([target(kind, host.port)], around: around())
            #expect(try await eventually { host.isTried })
            #expect(try await ends { _ = ending() })
        }
    }

    @Test("a broker that lets nobody in is given up at once, so that no connection to it comes through later")
    func silentBroker() async throws {
        let host = SilentHost()
        let said = Mutex<[String]>([])
        let around = around { line in said.withLock { $0.append(line) } }
        let forwarder = Forwarder(store)
        try forwarder.configure([target(.sparkplug, host.port)], around: around)
        #expect(try await eventually { host.isTried })
        #expect(try await ends { forwarder.end() })
        #expect(said.withLock { $0 }.filter { $0.contains("left behind") } == [])
    }

    @Test("an answer that comes a byte at a time is not waited for to its end")
    func drip() async throws {
        let host = try WordyHost { connection in
            let pause = MonotonicSemaphore()
            Loopback.readHead(connection)
            guard Loopback.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 60000\r\n\r\n", to: connection) else {
                return
            }
            while Loopback.write("x", to: connection) { _ = pause.wait(milliseconds: 10) }
        }
        let target = target(.influx, host.port)
        #expect(
            try await ends {
                let poster = try? HTTPPoster(target, patience: 300) { false }
                _ = try? poster?.post([1], [])
                poster?.close()
            })
    }

    @Test("a server that wants to copy data, which libpq tells again and again, is no register")
    func copying() async throws {
        let host = try WordyHost { connection in
            Loopback.readSome(connection)
            // All is well, ready; and to the first question: copy in.
            _ = Loopback.write("R\0\0\0\u{8}\0\0\0\0Z\0\0\0\u{5}I", to: connection)
            Loopback.readSome(connection)
            _ = Loopback.write("G\0\0\0\u{7}\0\0\0", to: connection)
            Loopback.readSome(connection)
        }
        let url = "postgresql://emsd@127.0.0.1:\(host.port)/fleet?sslmode=disable&gssencmode=disable"
        let said = Mutex("")
        #expect(
            try await ends {
                do throws(PostgresConnection.Fault) {
                    try PostgresConnection(url).run("SELECT 1")
                } catch {
                    said.withLock { $0 = error.message }
                }
            })
        #expect(said.withLock { $0 }.contains("wants to copy data"))
    }

    @Test("what was sent in vain counts towards the bytes of the day")
    func budget() async throws {
        let host = try WordyHost { connection in
            Loopback.readHead(connection)
            _ = Loopback.write(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: connection)
        }
        var target = target(.influx, host.port)
        target.bytesADay = 10
        let said = Mutex<[String]>([])
        let forwarder = Forwarder(store)
        try forwarder.configure([target], around: around { line in said.withLock { $0.append(line) } })
        defer { forwarder.end() }
        #expect(
            try await eventually {
                try store.read { try forwarder.standings($0, now: Self.now) }
                    .contains { $0.fault == "the day's 10 bytes are spent" }
            })
        #expect(said.withLock { $0.first }?.contains("the store answers 503") == true)
    }

    @Test("who is not let in is told to the people on duty, once, and stands among the daemon's faults")
    func denied() async throws {
        let host = try WordyHost { connection in
            Loopback.readHead(connection)
            _ = Loopback.write(
                "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: connection)
        }
        let news = Mutex<[ForwardSurroundings.News]>([])
        let forwarder = Forwarder(store)
        try forwarder.configure(
            [target(.influx, host.port)], around: around(tell: { one in news.withLock { $0.append(one) } }))
        defer { forwarder.end() }
        #expect(try await eventually { news.withLock { !$0.isEmpty } })
        #expect(news.withLock { $0.map(\.event) } == ["forward_denied"])
        #expect(news.withLock { $0.first?.message }?.contains("the store does not let us in: 401") == true)
        #expect(forwarder.faults == ["nothing is forwarded to 'office': the store does not let us in: 401"])
    }

    @Test(
        "whatever stands under Retry-After, it is followed for a day at most",
        arguments: [
            ("120", 120_000), ("0", 0), (" 7 ", 7000), ("9223372036854775807", 86_400_000),
            ("99999999999999999999999", 86_400_000), ("-1", nil), ("-9223372036854775808", nil), ("+5", nil),
            ("1.5", nil),
            ("", nil), ("soon", nil), ("٣", nil), ("Sun, 06 Nov 1994 08:50:37 GMT", 60_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400_000),
        ] as [(String, Int64?)])
    func retryAfter(text: String, wait: Int64?) {
        #expect(RetryAfter.milliseconds(of: text, now: 784_111_777_000) == wait)
    }

    @Test("a server that asks for patience without end is tried again, and nothing ends by it")
    func endlessPatience() async throws {
        let host = try WordyHost { connection in
            Loopback.readHead(connection)
            _ = Loopback.write(
                "HTTP/1.1 503 Later\r\nRetry-After: 9223372036854775807\r\nContent-Length: 0\r\n"
                    + "Connection: close\r\n\r\n", to: connection)
        }
        let forwarder = Forwarder(store)
        try forwarder.configure([target(.influx, host.port)], around: around())
        defer { forwarder.end() }
        #expect(
            try await eventually {
                try store.read { try forwarder.standings($0, now: Self.now) }.contains { $0.fault != nil }
            })
    }

    @Test("the bytes of a day go on over a restart, and begin anew with the day")
    func budgetOverRestart() throws {
        var target = target(.influx, 1)
        target.bytesADay = 100
        var before = try #require(DayBudget(of: target))
        try before.mind(now: Self.now, store)
        before.count(60)
        try before.keep(store)
        var after = try #require(DayBudget(of: target))
        try after.mind(now: Self.now, store)
        after.count(40)
        #expect(throws: ForwardFailure.self) { try after.mind(now: Self.now, store) }
        var next = try #require(DayBudget(of: target))
        #expect(throws: ForwardFailure.self) { try next.mind(now: Self.now, store) }
        try next.mind(now: Self.now + 86_400_000, store)
    }
}
