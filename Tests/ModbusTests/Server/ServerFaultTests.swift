import Synchronization
import TestKit
import Testing

@testable import Modbus

@Suite("Faults of a served device")
struct ServerFaultTests {
    static let request = rtu(1, 3, 0, 100, 0, 1)
    static let answer = rtu(1, 3, 2, 0, 100)

    private func exchange(_ plan: AnswerPlan, within: Int32 = 150) throws -> [UInt8]? {
        let (server, port) = try serve([1: ToldDevice(plan)], .rtu)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(ServerFaultTests.request)
        return client.receive(64, within: within)
    }

    @Test("silence, an exception, a reset and data of one's own")
    func contents() throws {
        #expect(try exchange(AnswerPlan(.silence)) == [])
        #expect(try exchange(AnswerPlan(.exception(200))) == rtu(1, 0x83, 200))
        #expect(try exchange(AnswerPlan(.reset)) == nil)
        #expect(try exchange(AnswerPlan(.data([2, 9, 9]))) == rtu(1, 3, 2, 9, 9))
    }

    @Test("damage changes the frame as it says, with a fitting checksum where that is not the fault")
    func damage() throws {
        var broken = ServerFaultTests.answer
        broken[6] ^= 0x55
        #expect(try exchange(AnswerPlan(damage: .checksum)) == broken)
        #expect(try exchange(AnswerPlan(damage: .unit(9))) == rtu(9, 3, 2, 0, 100))
        #expect(try exchange(AnswerPlan(damage: .function)) == rtu(1, 2, 2, 0, 100))
        #expect(try exchange(AnswerPlan(damage: .truncated)) == Array(ServerFaultTests.answer[..<4]))
        #expect(try exchange(AnswerPlan(damage: .rubbish)) == ServerFaultTests.answer + [0xDE, 0xAD, 0xBE, 0xEF])
        #expect(try exchange(AnswerPlan(copies: 2)) == ServerFaultTests.answer + ServerFaultTests.answer)
        #expect(try exchange(AnswerPlan(drip: 5)) == ServerFaultTests.answer)
    }

    @Test("over TCP the transaction can be another one")
    func transaction() throws {
        let (server, port) = try serve([1: ToldDevice(AnswerPlan(damage: .transaction))], .tcp)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(tcp(1, 3, 0, 100, 0, 1, transaction: 7))
        #expect(client.receive(11)?.prefix(2) == [0, 107])
    }

    @Test("a slow answer keeps its place, a late one is overtaken")
    func delays() throws {
        let (server, port) = try serve([1: ToldDevice(AnswerPlan(delay: 100)), 2: ToldDevice()], .rtu)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(ServerFaultTests.request + rtu(2, 3, 0, 101, 0, 1))
        #expect(client.receive(14) == ServerFaultTests.answer + rtu(2, 3, 2, 0, 101))

        let (other, otherPort) = try serve(
            [1: ToldDevice(AnswerPlan(delay: 100, letsOthersPass: true)), 2: ToldDevice()], .rtu)
        defer { other.stop() }
        let second = try RawClient(port: Int(otherPort))
        second.send(ServerFaultTests.request + rtu(2, 3, 0, 101, 0, 1))
        #expect(second.receive(14) == rtu(2, 3, 2, 0, 101) + ServerFaultTests.answer)
    }

    @Test("a link that is down refuses, and is served again at the same port when it is back")
    func down() throws {
        let isDown = Flag()
        let (server, port) = try serve([1: ToldDevice()], .rtu, isDown: { isDown.isSet.load(ordering: .relaxed) })
        defer { server.stop() }
        let before = try RawClient(port: Int(port))
        before.send(ServerFaultTests.request)
        #expect(before.receive(7) == ServerFaultTests.answer)
        isDown.isSet.store(true, ordering: .relaxed)
        before.send(ServerFaultTests.request)
        #expect(before.receive(7) == nil, "the connection it had is reset")
        isDown.isSet.store(false, ordering: .relaxed)
        var answers = 0
        for _ in 0..<200 where answers == 0 {
            let after = try RawClient(port: Int(port))
            after.send(ServerFaultTests.request)
            if after.receive(7, within: 50) == ServerFaultTests.answer { answers += 1 }
        }
        #expect(answers == 1)
    }

    @Test("stopping ends a server that is in the middle of a delay")
    func stopping() throws {
        let (server, port) = try serve([1: ToldDevice(AnswerPlan(delay: 3_600_000))], .rtu)
        let client = try RawClient(port: Int(port))
        client.send(ServerFaultTests.request)
        #expect(client.receive(1, within: 50) == [])
        server.stop()
        #expect(client.receive(1) == nil)
    }

    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }
}
