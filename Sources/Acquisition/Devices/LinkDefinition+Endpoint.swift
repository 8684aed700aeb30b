import Metering
import Modbus

extension LinkDefinition {
    /// The link as the client needs it.
    package var endpoint: ModbusEndpoint {
        switch transport {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .rtuOverTCP(let host, let port): .rtuOverTCP(host: host, port: port)
        case .rtu(let line):
            .serial(
                SerialSettings(
                    device: line.device, baud: line.baud, parity: line.parity.settings, stopBits: line.stopBits))
        }
    }

    /// The link's waits.
    package var timing: LinkTiming {
        LinkTiming(
            timeoutMilliseconds: timeout, pauseMilliseconds: pause,
            pauseAfterConnectMilliseconds: pauseAfterConnect)
    }
}

extension SerialLine.Parity {
    fileprivate var settings: SerialSettings.Parity {
        switch self {
        case .none: .none
        case .even: .even
        case .odd: .odd
        }
    }
}

extension RegisterTable {
    /// The function that reads it.
    package var readFunction: ReadFunction {
        switch self {
        case .coil: .coils
        case .discrete: .discreteInputs
        case .holding: .holdingRegisters
        case .input: .inputRegisters
        }
    }
}
