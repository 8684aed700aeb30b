import CModbus
import Glibc

/// An open way to the devices, TCP connection or serial line: the one owner of its descriptor and of its libmodbus context.
///
/// Serial frames are made and sent by libmodbus, which also opens the serial device and sets its rate. Modbus TCP frames are
/// made here: `modbus_send_raw_request` (3.1.6) sends each with transaction 0, and the calls that count transactions also
/// receive, refusing an older answer instead of draining it, and wait with `select`, which ends at descriptor 1023.
/// Nothing but a ``ReadRequest`` or an ``IdentificationRequest`` can be sent.
package struct OpenLine: ~Copyable {
    /// For waiting and reading; closed with the line.
    package let descriptor: Int32
    /// Whether frames are serial ones, with a checksum and without a transaction.
    package let isSerial: Bool
    private let context: OpaquePointer?

    /// A line over a connected, non-blocking TCP socket, which it then owns.
    ///
    /// - Parameter timeout: Nanoseconds for which ``receive(into:waiting:)`` waits for an answer that is no serial frame; the
    ///   system makes it longer by some milliseconds.
    package init(socket: Int32, serialFrames: Bool, timeout: Int64) {
        descriptor = socket
        isSerial = serialFrames
        guard serialFrames, let made = modbus_new_rtu("socket", 9600, 78, 8, 1) else {
            context = nil
            var patience = timeval(tv_sec: Int(timeout / 1_000_000_000), tv_usec: Int(timeout % 1_000_000_000 / 1000))
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK)
            return
        }
        modbus_set_socket(made, socket)
        context = made
    }

    /// Opens a serial device.
    ///
    /// - Throws: `linkDown` with the cause when the device is not there, cannot be opened, or the rate is none of
    ///   ``SerialSettings/bauds``.
    package init(opening settings: SerialSettings) throws(ConnectionFault) {
        guard SerialSettings.bauds.contains(settings.baud),
            let parity = settings.parity.rawValue.asciiValue,
            let made = modbus_new_rtu(
                settings.device, Int32(settings.baud), CChar(parity), 8, Int32(settings.stopBits))
        else { throw .rate(settings.device, settings.baud) }
        var code = modbus_connect(made) == 0 ? 0 : errno
        if code == EINVAL, OpenLine.shake(settings.device) { code = modbus_connect(made) == 0 ? 0 : errno }
        guard code == 0 else {
            modbus_free(made)
            throw .device(settings.device, code)
        }
        context = made
        isSerial = true
        descriptor = modbus_get_socket(made)
        // A mark for other programs that ask for it before they use the device; who has it already is not disturbed.
        flock(descriptor, LOCK_EX | LOCK_NB)
        // libmodbus asks for reads of nothing (VMIN 0), which cannot be told from a device that is gone.
        var terminal = termios()
        if tcgetattr(descriptor, &terminal) == 0 {
            withUnsafeMutableBytes(of: &terminal.c_cc) { $0[Int(VMIN)] = 1 }
            tcsetattr(descriptor, TCSANOW, &terminal)
        }
    }

    /// Sets a device to another rate, and no parity.
    ///
    /// Whoever was killed left the device as it was set. Where that has no parity although it is wanted (pseudo terminals have
    /// none), setting it once more changes nothing at all, which `tcsetattr` calls an error.
    private static func shake(_ device: String) -> Bool {
        let descriptor = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var terminal = termios()
        guard tcgetattr(descriptor, &terminal) == 0 else { return false }
        cfmakeraw(&terminal)
        let rate = speed_t(cfgetospeed(&terminal) == speed_t(B300) ? B600 : B300)
        cfsetispeed(&terminal, rate)
        cfsetospeed(&terminal, rate)
        return tcsetattr(descriptor, TCSANOW, &terminal) == 0
    }

    deinit {
        if let context {
            modbus_close(context)
            modbus_free(context)
        } else {
            close(descriptor)
        }
    }

    /// Hands the request to the line without waiting for the answer; the transaction matters on Modbus TCP only.
    ///
    /// - Throws: `reset` when the connection is gone, `linkDown` when the device is.
    package borrowing func send(_ request: ReadRequest, transaction: UInt16) throws(ModbusFailure) {
        let count = UInt16(request.count)
        let address = request.address
        if let context {
            let frame: InlineArray<6, UInt8> = [
                request.unit, request.function.rawValue, UInt8(address >> 8), UInt8(address & 0xFF), UInt8(count >> 8),
                UInt8(count & 0xFF),
            ]
            let sent = frame.span.withUnsafeBufferPointer {
                modbus_send_raw_request(context, $0.baseAddress, Int32($0.count))
            }
            guard sent == 8 else { throw isTerminal ? .linkDown : .reset }
        } else {
            let frame: InlineArray<12, UInt8> = [
                UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0, 0, 6, request.unit, request.function.rawValue,
                UInt8(address >> 8), UInt8(address & 0xFF), UInt8(count >> 8), UInt8(count & 0xFF),
            ]
            let sent = frame.span.withUnsafeBufferPointer {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard sent == 12 else { throw .reset }
        }
    }

    /// Hands a question for device identification to the line; the transaction matters on Modbus TCP only.
    ///
    /// - Throws: `reset` when the connection is gone, `linkDown` when the device is.
    package borrowing func send(_ request: IdentificationRequest, transaction: UInt16) throws(ModbusFailure) {
        let data = request.data
        if let context {
            let frame: InlineArray<5, UInt8> = [request.unit, data[0], data[1], data[2], data[3]]
            let sent = frame.span.withUnsafeBufferPointer {
                modbus_send_raw_request(context, $0.baseAddress, Int32($0.count))
            }
            guard sent == 7 else { throw isTerminal ? .linkDown : .reset }
        } else {
            let frame: InlineArray<11, UInt8> = [
                UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0, 0, 5, request.unit, data[0], data[1], data[2],
                data[3],
            ]
            let sent = frame.span.withUnsafeBufferPointer {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard sent == 11 else { throw .reset }
        }
    }

    /// Reads what there is, as `read` does; `waiting` waits for it first, on Modbus TCP only.
    package borrowing func receive(into free: UnsafeMutableRawBufferPointer, waiting: Bool) -> Int {
        guard context == nil else { return Glibc.read(descriptor, free.baseAddress, free.count) }
        return recv(descriptor, free.baseAddress, free.count, waiting ? 0 : Int32(MSG_DONTWAIT))
    }

    /// Acknowledges what came over TCP at once, and not with the next request.
    ///
    /// A gateway that does not ask for TCP_NODELAY keeps its next frame back until the one before is acknowledged (RFC 1122,
    /// 4.2.3.4). An answer that comes twice would then arrive right behind the next request, where it looks like its answer;
    /// acknowledged at once, it arrives in the silence before. The system forgets the setting: it is made after each reading.
    package borrowing func acknowledge() {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    private var isTerminal: Bool { isatty(descriptor) == 1 }
}
