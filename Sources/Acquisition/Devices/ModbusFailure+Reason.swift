import Metering
import Modbus

extension ModbusFailure {
    /// The reason that readings carry for it.
    package var reason: Reason {
        switch self {
        case .timeout: .timeout
        case .crc: .crc
        case .frame, .length: .frame
        case .exception(let code): .exception(code)
        case .reset: .reset
        case .refused: .refused
        case .linkDown: .linkDown
        }
    }
}

extension ModbusFailure {
    /// The reason of what is not asked for, because this comes in place of an answer: what was not sent ran into no timeout.
    package var reasonUnasked: Reason { self == .timeout ? .skipped : reason }

    /// A number under which it is kept: of an exception its code.
    package var code: UInt8 {
        switch self {
        case .exception(let code): code
        case .timeout: 200
        case .reset: 201
        case .length: 202
        case .crc: 203
        case .frame: 204
        case .refused: 205
        case .linkDown: 206
        }
    }

    /// The failure that is kept under a number.
    package init(code: UInt8) {
        let others: [ModbusFailure] = [.timeout, .reset, .length, .crc, .frame, .refused, .linkDown]
        self = others.first { $0.code == code } ?? .exception(code)
    }
}
