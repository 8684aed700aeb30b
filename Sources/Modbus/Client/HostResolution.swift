import Glibc
import Synchronization

/// How a host's addresses are looked up, which may take as long as it likes: none for a host that is not known.
package typealias HostLookUp = @Sendable (_ host: String, _ port: UInt16) -> [[UInt8]]

/// The addresses of a host, looked up on a thread of its own: the system's resolver may take half a minute, and nothing ends it.
package final class HostResolution: Sendable {
    /// Raised when there is a result.
    let done = WakeSignal()
    private let found = Mutex<[[UInt8]]>([])

    /// What was found, once ``done`` is raised; empty for a host that is not known.
    var addresses: [[UInt8]] { found.withLock { $0 } }

    /// Begins to look up; a numeric address is there at once.
    init(host: String, port: UInt16, lookUp: @escaping HostLookUp) {
        let numeric = HostResolution.lookUp(host, port, AI_NUMERICSERV | AI_NUMERICHOST)
        guard numeric.isEmpty else {
            finish(numeric)
            return
        }
        let thread = try? BlockingThread(name: "resolve") { [self] in
            finish(lookUp(host, port))
        }
        thread?.detach()
        if thread == nil { finish([]) }
    }

    private func finish(_ addresses: [[UInt8]]) {
        found.withLock { $0 = addresses }
        done.raise()
    }

    /// Asks the system's resolver.
    package static let system: HostLookUp = { lookUp($0, $1, AI_NUMERICSERV) }

    private static func lookUp(_ host: String, _ port: UInt16, _ flags: Int32) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [[UInt8]] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                found.append([UInt8](UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))))
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
