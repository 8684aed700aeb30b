import Glibc
import Synchronization

@testable import Modbus

/// A device with ten holding registers (100 to 109, each showing its own address) that answers as it is told.
final class ToldDevice: AnsweringUnit {
    let extent = RegisterExtent(discretes: 3..<5, holdings: 100..<110)
    private let plans: Mutex<[AnswerPlan]>

    /// Follows the plans one after the other, and answers without fault after them.
    init(_ plans: AnswerPlan...) { self.plans = Mutex(plans) }

    func prepare(_ request: ServerRequest, in registers: inout RegisterBank) -> AnswerPlan {
        for address in 100..<110 { registers.setRegister(UInt16(address), at: address, ofInputs: false) }
        registers.setBit(true, at: 4, ofInputs: true)
        return plans.withLock { $0.isEmpty ? AnswerPlan() : $0.removeFirst() }
    }
}

/// A client that sends and receives bytes as they are.
final class RawClient {
    private let descriptor: Int32

    /// Connects to a port of this machine.
    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Opens a terminal.
    init(path: String) { descriptor = open(path, O_RDWR | O_NOCTTY) }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.write(descriptor, bytes, bytes.count) }

    /// What arrives until that many bytes are there or nothing comes for so long; nil at the connection's end.
    func receive(_ count: Int, within milliseconds: Int32 = 3000) -> [UInt8]? {
        var all: [UInt8] = []
        while all.count < count {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, milliseconds) <= 0 { return all }
            var bytes = [UInt8](repeating: 0, count: count - all.count)
            let got = Glibc.read(descriptor, &bytes, bytes.count)
            if got <= 0 { return all.isEmpty ? nil : all }
            all += bytes[..<got]
        }
        return all
    }
}

/// A server of one link on a free port.
func serve(
    _ units: [UInt8: any AnsweringUnit], _ framing: ServerFraming, isDown: (@Sendable () -> Bool)? = nil
) throws -> (server: ModbusServer, port: UInt16) {
    let link = ServedLink(
        name: "line", endpoint: .port(host: "127.0.0.1", port: 0, framing: framing), units: units, isDown: isDown)
    let server = try ModbusServer([link])
    guard case .port(let port) = server.addresses[0] else { throw ServerFault("line", "no port") }
    return (server, port)
}

/// A read request in RTU framing.
func rtu(_ unit: UInt8, _ data: UInt8...) -> [UInt8] { ServerFraming.rtu.frame(unit: unit, data: data, transaction: 0) }

/// A read request in TCP framing.
func tcp(_ unit: UInt8, _ data: UInt8..., transaction: UInt16 = 1) -> [UInt8] {
    ServerFraming.tcp.frame(unit: unit, data: data, transaction: transaction)
}
