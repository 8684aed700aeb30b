import Foundation

/// A client that sends and takes bytes as it likes, over the daemon's socket or a port of this machine.
final class RawClient {
    private let descriptor: Int32

    /// Connects; throws ``Overdue`` where nobody listens.
    init(socket path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw Overdue(description: "nobody listens at \(path)") }
    }

    /// Connects; throws ``Overdue`` where nobody listens.
    init(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Overdue(description: "nobody listens at port \(port)") }
    }

    deinit { close(descriptor) }

    /// Sends as much of the bytes as the other side takes within some seconds.
    func send(_ bytes: [UInt8], within seconds: Int = 2) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends a text.
    func send(_ text: String) { send(Array(text.utf8)) }

    /// All that comes until the other side ends the connection, or nothing more comes for some seconds.
    func rest(within seconds: Int = 20) -> String {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }

    /// Asks for something and takes the whole answer, with its head.
    func get(_ target: String, headers: String = "") -> String {
        send("GET \(target) HTTP/1.1\r\nHost: emsd\r\nConnection: close\r\n\(headers)\r\n")
        return rest()
    }
}
