import TestKit
import Testing

@testable import Modbus

@Suite("A served link")
struct ServerAnswerTests {
    @Test("registers and bits are answered over TCP")
    func reads() throws {
        let (server, port) = try serve([1: ToldDevice()], .tcp)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(tcp(1, 3, 0, 101, 0, 2, transaction: 0x1234))
        #expect(client.receive(13) == [0x12, 0x34, 0, 0, 0, 7, 1, 3, 4, 0, 101, 0, 102])
        client.send(tcp(1, 2, 0, 3, 0, 2))
        #expect(client.receive(10) == [0, 1, 0, 0, 0, 4, 1, 2, 1, 0b10])
        #expect(server.traffic.requestCount == 2)
    }

    @Test(
        "what the device does not have is refused",
        arguments: [
            ([3, 0, 99, 0, 1], [0x83, 2]), ([3, 0, 109, 0, 2], [0x83, 2]), ([4, 0, 100, 0, 1], [0x84, 2]),
            ([3, 0, 100, 0, 0], [0x83, 3]), ([3, 0, 100, 0, 126], [0x83, 3]), ([6, 0, 100, 0, 1], [0x86, 1]),
            ([3, 0, 100], [0x83, 1]), ([0x41], [0xC1, 1]),
        ] as [([UInt8], [UInt8])])
    func refusals(data: [UInt8], answer: [UInt8]) throws {
        let (server, port) = try serve([1: ToldDevice()], .tcp)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(ServerFraming.tcp.frame(unit: 1, data: data, transaction: 5))
        #expect(client.receive(9) == [0, 5, 0, 0, 0, 3, 1] + answer)
        client.send(tcp(1, 3, 0, 100, 0, 1))
        #expect(client.receive(11)?.suffix(2) == [0, 100], "the next request is understood")
    }

    @Test("an unserved unit is answered with exception 11 over TCP, and not at all over RTU")
    func unserved() throws {
        let (server, port) = try serve([1: ToldDevice()], .tcp)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(tcp(9, 3, 0, 100, 0, 1))
        #expect(client.receive(9)?.suffix(3) == [9, 0x83, 11])

        let (line, linePort) = try serve([1: ToldDevice(), 2: ToldDevice()], .rtu)
        defer { line.stop() }
        let listener = try RawClient(port: Int(linePort))
        listener.send(rtu(9, 3, 0, 100, 0, 1) + rtu(0, 3, 0, 100, 0, 1) + rtu(2, 3, 0, 100, 0, 1))
        #expect(listener.receive(7) == rtu(2, 3, 2, 0, 100), "two units share the line, and only the one asked answers")
    }

    @Test("requests in pieces, and after rubbish, are understood over RTU")
    func pieces() throws {
        let (server, port) = try serve([1: ToldDevice()], .rtu)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        let request = rtu(1, 3, 0, 105, 0, 1)
        client.send([0xFF, 0x00, 0x42] + request[..<3])
        client.send(Array(request[3...]))
        #expect(client.receive(7) == rtu(1, 3, 2, 0, 105))
        client.send([0x42, 0x42])
        #expect(client.receive(1, within: 120) == [])
        client.send(request)
        #expect(client.receive(7) == rtu(1, 3, 2, 0, 105), "after a silence the half frame is forgotten")
    }

    @Test("a function nobody knows is refused over RTU once the line is silent")
    func unknownFunction() throws {
        let (server, port) = try serve([1: ToldDevice()], .rtu)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send(rtu(1, 0x41, 1, 2, 3))
        #expect(client.receive(5) == rtu(1, 0xC1, 1))
    }

    @Test("nonsense in the header ends a TCP connection")
    func nonsense() throws {
        let (server, port) = try serve([1: ToldDevice()], .tcp)
        defer { server.stop() }
        let client = try RawClient(port: Int(port))
        client.send([0, 1, 0, 7, 0, 6, 1, 3, 0, 100, 0, 1])
        #expect(client.receive(1) == nil)
    }

    @Test("a serial line is served as a terminal at its path, and the path is gone afterwards")
    func terminal() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("line")
        let link = ServedLink(name: "line", endpoint: .terminal(path: path), units: [7: ToldDevice()])
        let server = try ModbusServer([link])
        for _ in 0..<3 {
            let client = try RawClient(terminal: path)
            client.send(rtu(7, 3, 0, 109, 0, 1))
            #expect(client.receive(7) == rtu(7, 3, 2, 0, 109), "also after a client has closed the terminal")
        }
        server.stop()
        #expect(throws: RawClient.Refused.self) { try RawClient(terminal: path) }
        let again = try ModbusServer([link])
        again.stop()
    }

    @Test("a port in use is a sentence, and nothing stays open")
    func portInUse() throws {
        let (server, port) = try serve([1: ToldDevice()], .tcp)
        defer { server.stop() }
        let link = ServedLink(
            name: "hall", endpoint: .port(host: "127.0.0.1", port: port, framing: .tcp), units: [1: ToldDevice()])
        let fault = #expect(throws: ServerFault.self) { try ModbusServer([link]) }
        #expect(
            fault?.description
                == "cannot serve link hall: port \(port) of 127.0.0.1 cannot be used: Address already in use")
    }
}
