import Platform

/// Where a device, gateway or serial line is reached.
package enum ModbusEndpoint: Sendable, Hashable {
    /// Modbus TCP.
    case tcp(host: String, port: UInt16)
    /// Serial frames over a TCP connection to a serial server.
    case rtuOverTCP(host: String, port: UInt16)
    case serial(SerialSettings)
}

/// The device and character format of a serial line; eight data bits always.
package struct SerialSettings: Sendable, Hashable {
    /// The parity bit, with libmodbus's letter for it.
    package enum Parity: Character, Sendable, Hashable {
        case none = "N"
        case even = "E"
        case odd = "O"
    }

    /// The path of the device.
    package var device: String
    /// Bits per second, one of ``bauds``.
    package var baud: Int
    /// The parity bit.
    package var parity: Parity
    /// 1 or 2.
    package var stopBits: Int

    /// Settings of a line.
    package init(device: String, baud: Int, parity: Parity, stopBits: Int) {
        self.device = device
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
    }

    /// The rates that libmodbus sets; it would silently use 9600 for any other.
    package static let bauds: Set<Int> = [
        110, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115_200, 230_400, 460_800, 500_000, 576_000,
        921_600,
        1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
    ]
}

/// The waits of a link, all in nanoseconds.
package struct LinkTiming: Sendable, Hashable {
    /// From the request's end to the answer's last byte.
    package var timeout: Int64
    /// Extra silence between requests.
    package var pause: Int64
    /// Silence after connecting.
    package var pauseAfterConnect: Int64

    /// Timing from milliseconds.
    package init(timeoutMilliseconds: Int64, pauseMilliseconds: Int64 = 0, pauseAfterConnectMilliseconds: Int64 = 0) {
        timeout = MonotonicTime.milliseconds(timeoutMilliseconds)
        pause = MonotonicTime.milliseconds(pauseMilliseconds)
        pauseAfterConnect = MonotonicTime.milliseconds(pauseAfterConnectMilliseconds)
    }

    /// How long a connection may take to be made: the timeout, within 1 s and 5 s.
    package var connectTimeout: Int64 { min(max(timeout, 1_000_000_000), 5_000_000_000) }
}
