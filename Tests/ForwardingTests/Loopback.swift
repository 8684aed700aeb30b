import Glibc

/// Plain sockets of the loopback interface.
enum Loopback {
    /// A listener on a port of its own.
    static func listener(backlog: Int32) -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(listener, $0, length) == 0 && listen(listener, backlog) == 0)
                getsockname(listener, $0, &length)
            }
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    /// A socket that has begun to connect.
    static func connecting(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = address(port)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    /// The near ends of the connections to a port that wait for its first answer.
    static func tries(of port: UInt16) -> Set<String> {
        guard let file = fopen("/proc/net/tcp", "r") else { return [] }
        defer { fclose(file) }
        let digits = String(port, radix: 16, uppercase: true)
        let place = String(repeating: "0", count: 4 - digits.count) + digits
        var found: Set<String> = []
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split(separator: " ")
            // 02 is SYN_SENT.
            if words.count > 3, words[2].hasSuffix(":" + place), words[3] == "02" { found.insert(String(words[1])) }
        }
        return found
    }

    /// Reads until an empty line has come.
    static func readHead(_ connection: Int32) {
        var seen: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !seen.contains([13, 10, 13, 10]) {
            let count = read(connection, &piece, piece.count)
            guard count > 0 else { return }
            seen += piece[..<count]
        }
    }

    /// Reads what comes next, or the end.
    static func readSome(_ connection: Int32) {
        var piece = [UInt8](repeating: 0, count: 4096)
        _ = read(connection, &piece, piece.count)
    }

    /// Writes a text; false where nobody takes it.
    static func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
