import Metering
import Modbus

extension ModbusFailure {
    /// The reason that readings carry for it.
    package var reason: Reason {
        switch self {
        case .timeout: .timeout
        case .crc: .crc
        case .frame: .frame
        case .exception(let code): .exception(code)
        case .reset: .reset
        case .refused: .refused
        case .linkDown: .linkDown
        }
    }
}
