import Glibc

/// A listening TCP socket.
enum ServerListener {
    /// Listens at an address; the descriptor and the port (useful where 0 was asked for).
    static func open(host: String, port: UInt16, link: String) throws(ServerFault) -> (descriptor: Int32, port: UInt16)
    {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &found)
        guard failure == 0, let first = found else {
            throw ServerFault(link, "the address \(host) is not known: \(String(cString: gai_strerror(failure)))")
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(
            first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ServerFault(link, "no socket", errno: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0, listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            throw ServerFault(link, "port \(port) of \(host) cannot be used", errno: code)
        }
        return (descriptor, port == 0 ? boundPort(descriptor) : port)
    }

    /// The next connection; nil where it is gone again.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// Makes closing the connection a reset instead of an orderly end.
    static func resetOnClose(_ descriptor: Int32) {
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress,
                getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
            else { return 0 }
            // The port stands at the same place for IPv4 and IPv6, in network order.
            return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        }
    }
}
