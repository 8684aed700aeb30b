import Glibc
import Modbus
import Platform
import Synchronization

/// A server of raw bytes on a TCP port or a pty, whose answers a test writes itself.
///
/// The script is called with each request of 12 (TCP) or 8 (serial) bytes, and writes what it likes.
package final class RawServer: Sendable {
    /// What a script may do with the line.
    package struct Line: Sendable {
        fileprivate let descriptor: Int32

        /// Sends bytes.
        package func write(_ bytes: [UInt8]) { _ = Glibc.write(descriptor, bytes, bytes.count) }
        /// Waits, as a slow device does.
        package func pause(milliseconds: Int64) {
            Readiness.sleep(until: MonotonicTime.now() + MonotonicTime.milliseconds(milliseconds))
        }
    }

    /// What becomes of the connection.
    package enum Step { case goOn, close }

    /// Called with each request, counted from 1 over all connections.
    package typealias Script = @Sendable (_ request: [UInt8], _ number: Int, _ line: Line) -> Step

    /// Where it listens.
    package let endpoint: ModbusEndpoint
    private let wake = WakeSignal()
    private let thread: OwnThread
    private let tally = Tally()

    /// Connections accepted so far.
    package var connections: Int { tally.count.load(ordering: .relaxed) }
    /// Its TCP port; 0 on a pty.
    package var port: UInt16 {
        switch endpoint {
        case .tcp(_, let port), .rtuOverTCP(_, let port): port
        case .serial: 0
        }
    }

    /// What it is reached over.
    package enum Kind: CaseIterable, Sendable { case tcp, rtuOverTCP, pty }

    /// A server that answers as the script does, until it is let go.
    package init(_ kind: Kind, baud: Int = 115_200, script: @escaping Script) throws {
        let wake = wake
        let tally = tally
        guard kind != .pty else {
            let (ours, held, path) = try RawServer.openTerminal()
            endpoint = .serial(SerialSettings(device: path, baud: baud, parity: .none, stopBits: 1))
            thread = try OwnThread(name: "raw-pty") {
                RawServer.serve(Line(descriptor: ours), size: 8, script: script, wake: wake, number: 0)
                close(held)
                close(ours)
            }
            return
        }
        let (listener, port) = try RawServer.listen()
        endpoint = kind == .tcp ? .tcp(host: "127.0.0.1", port: port) : .rtuOverTCP(host: "127.0.0.1", port: port)
        thread = try OwnThread(name: "raw-tcp") {
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
    }

    private static func openTerminal() throws -> (ours: Int32, held: Int32, path: String) {
        var ours: Int32 = -1
        var held: Int32 = -1
        guard openpty(&ours, &held, nil, nil, nil) == 0 else { throw Fault.pty }
        // Raw from the start, so that the first bytes are not echoed.
        var settings = termios()
        tcgetattr(held, &settings)
        cfmakeraw(&settings)
        tcsetattr(held, TCSANOW, &settings)
        var name = [CChar](repeating: 0, count: 128)
        guard ttyname_r(held, &name, name.count) == 0 else { throw Fault.pty }
        return (ours, held, String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    private static func listen() throws -> (listener: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && Glibc.listen(listener, 16) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw Fault.socket }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    deinit {
        wake.raise()
        thread.join()
    }

    private final class Tally: Sendable {
        let count = Atomic<Int>(0)
    }

    private enum Fault: Error { case pty, socket }

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
