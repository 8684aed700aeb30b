/// How requests and answers are framed on a served link.
package enum ServerFraming: Sendable, Hashable {
    /// Modbus TCP: a header with transaction and length.
    case tcp
    /// RTU: unit, function, data and a checksum; on a serial line, or over a TCP connection.
    case rtu

    /// A frame around a unit and its data; the transaction is that of the request.
    func frame(unit: UInt8, data: [UInt8], transaction: UInt16) -> [UInt8] {
        switch self {
        case .tcp:
            let length = UInt16(data.count + 1)
            return [
                UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0, UInt8(length >> 8), UInt8(length & 0xFF),
                unit,
            ] + data
        case .rtu:
            let body = [unit] + data
            let checksum = FrameChecksum.of(body)
            return body + [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
        }
    }
}
