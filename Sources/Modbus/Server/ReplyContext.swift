import CModbus
import Glibc

/// libmodbus's server side for one connection: it writes its answers into a socket of ours, so that they can be delayed or damaged
/// before they go out.
struct ReplyContext: ~Copyable {
    private let context: OpaquePointer
    private let framing: ServerFraming
    private let written: Int32
    private let read: Int32

    /// A context; nil where memory or descriptors are exhausted.
    init?(_ framing: ServerFraming) {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            return nil
        }
        let created =
            switch framing {
            case .tcp: modbus_new_tcp("127.0.0.1", 502)
            case .rtu: modbus_new_rtu("/dev/null", 19200, CChar(UInt8(ascii: "N")), 8, 1)
            }
        guard let created else {
            close(pair[0])
            close(pair[1])
            return nil
        }
        // Refused counts would otherwise sleep this long before they are answered.
        modbus_set_response_timeout(created, 0, 1)
        modbus_set_socket(created, pair[0])
        context = created
        self.framing = framing
        written = pair[0]
        read = pair[1]
    }

    deinit {
        modbus_set_socket(context, -1)
        modbus_free(context)
        close(written)
        close(read)
    }

    /// The frame of libmodbus's answer to a read from those registers; nil where it has none.
    func answer(to request: ServerRequest, from registers: borrowing RegisterBank) -> [UInt8]? {
        guard registers.reply(context, to: request.frame) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 300)
        let count = recv(read, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    /// The frame of an exception.
    func exception(_ code: UInt8, to request: ServerRequest) -> [UInt8] {
        frame([request.function | 0x80, code], to: request)
    }

    /// The frame of an answer with that function code and data.
    func frame(_ data: [UInt8], to request: ServerRequest) -> [UInt8] {
        framing.frame(unit: request.unit, data: data, transaction: request.transaction)
    }
}
