/// Why a request got no answer that counts.
package enum ModbusFailure: Error, Sendable, Hashable {
    /// No answer until the deadline.
    case timeout
    /// An answer of the right length with a wrong checksum.
    case crc
    /// An answer that is not one to the request: cut short, or of another unit or function.
    case frame
    /// A whole answer of the right unit and function, with another number of cells than was asked for.
    case length
    /// The device answered with this exception code.
    case exception(UInt8)
    /// The connection was closed or reset by the other side.
    case reset
    /// Nothing listens at the address.
    case refused
    /// There is no connection: host unknown or unreachable, or the device is gone.
    case linkDown
}

extension ModbusFailure: CustomStringConvertible {
    /// The failure in words.
    package var description: String {
        switch self {
        case .timeout: "no answer in time"
        case .crc: "an answer with a wrong checksum"
        case .frame: "an answer that does not fit the request"
        case .length: "an answer of another length than was asked for"
        case .exception(let code): "exception \(code) (\(ModbusFailure.word(ofException: code)))"
        case .reset: "the connection was closed by the other side"
        case .refused: "the connection was refused"
        case .linkDown: "no connection: the host cannot be reached, or the device is not there"
        }
    }

    /// What a device does, in words, that gives this in place of some registers while it gives others.
    package var inPlaceOfAnswer: String {
        switch self {
        case .timeout, .exception(10), .exception(11): "keeps silent about it"
        case .reset, .linkDown, .refused: "closes the connection when it is asked for it"
        case .length: "answers for it with another number of registers"
        case .crc, .frame: "answers for it with nonsense"
        case .exception(let code): "refuses it with exception \(code) (\(ModbusFailure.word(ofException: code)))"
        }
    }

    /// The name the protocol gives an exception code.
    package static func word(ofException code: UInt8) -> String {
        switch code {
        case 1: "illegal function"
        case 2: "illegal data address"
        case 3: "illegal data value"
        case 4: "device failure"
        case 5: "acknowledged, takes long"
        case 6: "busy"
        case 7: "negative acknowledge"
        case 8: "memory parity error"
        case 10: "gateway path unavailable"
        case 11: "gateway target did not answer"
        default: "unknown"
        }
    }
}
