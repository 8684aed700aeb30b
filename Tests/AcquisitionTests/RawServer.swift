import Glibc
import Modbus
import Platform
import Synchronization

/// A server of raw bytes on a TCP port or a pty, whose answers a test writes itself.
///
/// The script is called with each request of 12 (TCP) or 8 (serial) bytes, and writes what it likes.
final class RawServer: Sendable {
    /// What a script may do with the line.
    struct Line {
        let descriptor: Int32

        func write(_ bytes: [UInt8]) { _ = Glibc.write(descriptor, bytes, bytes.count) }
        func pause(milliseconds: Int64) {
            Readiness.sleep(until: MonotonicTime.now() + MonotonicTime.milliseconds(milliseconds))
        }
    }

    enum Step { case goOn, close }
    typealias Script = @Sendable (_ request: [UInt8], _ number: Int, _ line: Line) -> Step

    let endpoint: ModbusEndpoint
    private let listener: Int32
    private let wake = WakeSignal()
    private let thread: Mutex<OwnThread?>
    private let tally = Tally()

    /// Connections accepted so far.
    var connections: Int { tally.count.load(ordering: .relaxed) }
    var port: UInt16 {
        switch endpoint {
        case .tcp(_, let port), .rtuOverTCP(_, let port): port
        case .serial: 0
        }
    }

    enum Kind: CaseIterable { case tcp, rtuOverTCP, pty }

    init(_ kind: Kind, baud: Int = 115_200, script: @escaping Script) throws {
        let listener: Int32
        if kind == .pty {
            var ours: Int32 = -1
            var slave: Int32 = -1
            guard openpty(&ours, &slave, nil, nil, nil) == 0 else { throw Fault.pty }
            listener = ours
            // Raw from the start, so that the first bytes are not echoed.
            var settings = termios()
            tcgetattr(slave, &settings)
            cfmakeraw(&settings)
            tcsetattr(slave, TCSANOW, &settings)
            var name = [CChar](repeating: 0, count: 128)
            guard ttyname_r(slave, &name, name.count) == 0 else { throw Fault.pty }
            let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let held = slave
            endpoint = .serial(SerialSettings(device: path, baud: baud, parity: .none, stopBits: 1))
            self.listener = listener
            let wake = wake
            thread = Mutex(nil)
            let running = try OwnThread(name: "raw-pty") {
                RawServer.serve(Line(descriptor: listener), size: 8, script: script, wake: wake, number: 0)
                close(held)
                close(listener)
            }
            thread.withLock { $0 = running }
            return
        }
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard bound else { throw Fault.socket }
        let port = UInt16(bigEndian: address.sin_port)
        endpoint =
            kind == .tcp ? .tcp(host: "127.0.0.1", port: port) : .rtuOverTCP(host: "127.0.0.1", port: port)
        self.listener = listener
        thread = Mutex(nil)
        let wake = wake
        let tally = tally
        let running = try OwnThread(name: "raw-tcp") {
            var number = 0
            while Readiness.wait(listener, orWaking: wake.descriptor, until: .max) == .readable {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                tally.count.add(1, ordering: .relaxed)
                number = RawServer.serve(
                    Line(descriptor: connection), size: kind == .tcp ? 12 : 8, script: script, wake: wake,
                    number: number)
                close(connection)
            }
            close(listener)
        }
        thread.withLock { $0 = running }
    }

    deinit {
        wake.raise()
        thread.withLock { $0 }?.join()
    }

    private final class Tally: Sendable {
        let count = Atomic<Int>(0)
    }

    enum Fault: Error { case pty, socket }

    @discardableResult
    private static func serve(_ line: Line, size: Int, script: Script, wake: WakeSignal, number: Int) -> Int {
        var number = number
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256)
        while Readiness.wait(line.descriptor, orWaking: wake.descriptor, until: .max) == .readable {
            let count = read(line.descriptor, &chunk, chunk.count)
            guard count > 0 else { return number }
            pending += chunk[..<count]
            while pending.count >= size {
                let request = Array(pending[..<size])
                pending.removeFirst(size)
                number += 1
                if script(request, number, line) == .close { return number }
            }
        }
        return number
    }
}

/// Frames as a device would send them.
enum Frames {
    /// The unit, function, address and count of a request of either framing.
    static func fields(_ request: [UInt8]) -> (unit: UInt8, function: UInt8, address: Int, count: Int) {
        let pdu = request.count == 12 ? Array(request[6...]) : request
        return (pdu[0], pdu[1], Int(pdu[2]) << 8 | Int(pdu[3]), Int(pdu[4]) << 8 | Int(pdu[5]))
    }

    /// An answer in the request's framing: each register holds `value(address)`.
    static func answer(
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

    static func exception(_ request: [UInt8], _ code: UInt8) -> [UInt8] {
        let (unit, function, _, _) = fields(request)
        return frame([unit, function | 0x80, code], for: request)
    }

    static func frame(_ pdu: [UInt8], for request: [UInt8], transaction: UInt16? = nil) -> [UInt8] {
        guard request.count == 12 else {
            let crc = FrameChecksum.of(pdu)
            return pdu + [UInt8(crc & 0xFF), UInt8(crc >> 8)]
        }
        let id = transaction ?? UInt16(request[0]) << 8 | UInt16(request[1])
        return [UInt8(id >> 8), UInt8(id & 0xFF), 0, 0, UInt8(pdu.count >> 8), UInt8(pdu.count & 0xFF)] + pdu
    }
}
