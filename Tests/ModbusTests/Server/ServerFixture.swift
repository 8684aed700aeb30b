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
