import Modbus

/// Frames as a device would send them.
package enum Frames {
    /// The unit, function, address and count of a request of either framing.
    package static func fields(_ request: [UInt8]) -> (unit: UInt8, function: UInt8, address: Int, count: Int) {
        let pdu = request.count == 12 ? Array(request[6...]) : request
        return (pdu[0], pdu[1], Int(pdu[2]) << 8 | Int(pdu[3]), Int(pdu[4]) << 8 | Int(pdu[5]))
    }

    /// An answer in the request's framing: each register holds `value(address)`.
    package static func answer(
        _ request: [UInt8], unit: UInt8? = nil, transaction: UInt16? = nil, count: Int? = nil,
        value: (Int) -> UInt16 = { UInt16($0) }
    ) -> [UInt8] {
        let (asked, function, address, wanted) = fields(request)
        let cells = (0..<(count ?? wanted)).map { value(address + $0) }
        var pdu = [unit ?? asked, function]
        if function <= 2 {
            var bytes = [UInt8](repeating: 0, count: (cells.count + 7) / 8)
            for (index, cell) in cells.enumerated() where cell & 1 == 1 { bytes[index / 8] |= 1 << UInt8(index % 8) }
            pdu += [UInt8(bytes.count)] + bytes
        } else {
            pdu += [UInt8(cells.count * 2)] + cells.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        }
        return frame(pdu, for: request, transaction: transaction)
    }

    /// The exception of that code in the request's framing.
    package static func exception(_ request: [UInt8], _ code: UInt8) -> [UInt8] {
        let (unit, function, _, _) = fields(request)
        return frame([unit, function | 0x80, code], for: request)
    }

    /// What a device says, in the request's framing.
    package static func frame(_ pdu: [UInt8], for request: [UInt8], transaction: UInt16? = nil) -> [UInt8] {
        guard request.count == 12 else {
            let crc = FrameChecksum.of(pdu)
            return pdu + [UInt8(crc & 0xFF), UInt8(crc >> 8)]
        }
        let id = transaction ?? UInt16(request[0]) << 8 | UInt16(request[1])
        return [UInt8(id >> 8), UInt8(id & 0xFF), 0, 0, UInt8(pdu.count >> 8), UInt8(pdu.count & 0xFF)] + pdu
    }
}
