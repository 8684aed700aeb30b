import Foundation

/// A client that sends and takes bytes as they are, over a socket, a port of this machine or a terminal.
///
/// ```
/// let client = try RawClient(port: port)
/// client.send([0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 1])
/// let answer = client.receive(11)
/// ```
package final class RawClient: Sendable {
    /// Nobody is there.
    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    private let descriptor: Int32

    /// Connects to a Unix socket; throws ``Refused`` where nobody listens.
    package init(socket path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try RawClient.connect(descriptor, &address, path)
    }

    /// Connects to a port of this machine; throws ``Refused`` where nobody listens.
    package init(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try RawClient.connect(descriptor, &address, "port \(port)")
    }

    /// Opens a terminal; throws ``Refused`` where there is none.
    package init(terminal path: String) throws {
        descriptor = open(path, O_RDWR | O_NOCTTY)
        guard descriptor >= 0 else { throw Refused(description: "there is no terminal \(path)") }
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address, _ name: String) throws {
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard code == 0 else { throw Refused(description: "nobody listens at \(name)") }
    }

    deinit { close(descriptor) }

    /// Sends as much of the bytes as the other side takes within some seconds.
    package func send(_ bytes: [UInt8], within seconds: Int = 2) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        if Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) < 0, errno == ENOTSOCK {
            _ = write(descriptor, bytes, bytes.count)
        }
    }

    /// Sends a text.
    package func send(_ text: String) { send(Array(text.utf8)) }

    /// What comes until that many bytes are there or nothing comes for so long; nil at the connection's end.
    package func receive(_ count: Int, within milliseconds: Int32 = 3000) -> [UInt8]? {
        var all: [UInt8] = []
        while all.count < count {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, milliseconds) <= 0 { return all }
            var bytes = [UInt8](repeating: 0, count: count - all.count)
            let got = read(descriptor, &bytes, bytes.count)
            if got <= 0 { return all.isEmpty ? nil : all }
            all += bytes[..<got]
        }
        return all
    }

    /// All that comes until the other side ends the connection, so many bytes are there, or nothing more comes for some
    /// seconds.
    package func rest(upTo limit: Int = .max, within seconds: Int32 = 20) -> String {
        var answer: [UInt8] = []
        while answer.count < limit {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, seconds * 1000) > 0 else { break }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &buffer, buffer.count)
            if count <= 0 { break }
            answer += buffer.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }

    /// Asks for something over HTTP and takes the whole answer, with its head.
    package func get(_ target: String, headers: String = "") -> String {
        send("GET \(target) HTTP/1.1\r\nHost: emsd\r\nConnection: close\r\n\(headers)\r\n")
        return rest()
    }
}
